using Bunit;
using LlmEval.Core.Access;
using LlmEval.Tests.Support;
using LlmEval.Web.People;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.People;

public class PeoplePageTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task WhoJoinsIsListedWhileThePageIsOpenAndTheirLinkIsNot(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        InvitationAnswer answer = await server.Services.GetRequiredService<Invitations>()
            .CreateAsync(Projects.Default, Role.Reviewer, "ida@example.com", PeopleSteps.Tester, Cancel);
        IRenderedComponent<PeoplePage> page = person.Render<PeoplePage>();
        page.WaitForElement("[data-link]", PersonAtPages.Patience);

        await server.JoinAsync(answer.Token!, "ida@example.com");

        page.WaitForElement("[data-person=\"ida@example.com\"]", PersonAtPages.Patience);
        Assert.Empty(page.FindAll("[data-link]"));
    }
}
