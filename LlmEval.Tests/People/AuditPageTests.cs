using Bunit;
using LlmEval.Core.Access;
using LlmEval.Tests.Access;
using LlmEval.Tests.Support;
using LlmEval.Web.People;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.People;

public class AuditPageTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task OlderLinesAreShownOnceHoweverFastTheyAreAskedFor(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        AuditLog log = server.Services.GetRequiredService<AuditLog>();
        for (int i = 1; i <= 60; i++)
        {
            await log.WriteAsync(PeopleSteps.Tester, "key.made", $"key {i}", Projects.Default, null, Cancel);
        }

        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        IRenderedComponent<AuditPage> page = person.Render<AuditPage>();
        page.WaitForElement(".act button", PersonAtPages.Patience);

        await PersonAtPages.TwiceAsync(page, ".act button", button => button.ClickAsync());

        page.WaitForAssertion(() => Assert.Equal(60, page.FindAll("li").Count), PersonAtPages.Patience);
        Assert.Empty(page.FindAll(".act button"));
    }

    [Theory, EveryDatabase]
    public async Task AnOwnerSeesWhichProjectALineIsOf(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        Project other = await server.MakeProjectAsync("support-bot");
        AuditLog log = server.Services.GetRequiredService<AuditLog>();
        await log.WriteAsync(PeopleSteps.Tester, "key.made", "here", Projects.Default, null, Cancel);
        await log.WriteAsync(PeopleSteps.Tester, "key.made", "there", other.Id, null, Cancel);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server, role: null, owner: true);

        IRenderedComponent<AuditPage> page = person.Render<AuditPage>();

        page.WaitForElement("[data-action=\"key.made\"]", PersonAtPages.Patience);
        Assert.Equal(["in support-bot", ""], page.FindAll("[data-action=\"key.made\"] .about").Select(line => line.TextContent));
    }
}
