using Bunit;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;

namespace LlmEval.Tests.Access;

public class ProjectSwitchTests
{
    [Theory, EveryDatabase]
    public async Task AProjectThatIsMadeWhileAPageIsOpenCanBeGoneTo(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server, role: null, owner: true);
        IRenderedComponent<ProjectSwitch> page = person.Render<ProjectSwitch>();
        Assert.Empty(page.FindAll("a"));

        await server.MakeProjectAsync("support-bot");

        page.WaitForAssertion(
            () => Assert.Equal(["/", "/p/support-bot/"], page.FindAll("a").Select(a => a.GetAttribute("href")!).Order()), PersonAtPages.Patience);
    }
}
