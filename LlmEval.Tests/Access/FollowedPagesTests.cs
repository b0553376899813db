using Bunit;
using LlmEval.Core.Access;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using LlmEval.Web.People;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Access;

/// <summary>What another administrator does shows while a page is open.</summary>
public class FollowedPagesTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task AKeyThatIsMadeOrRevokedElsewhere(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        IRenderedComponent<KeysPage> page = person.Render<KeysPage>();
        page.WaitForAssertion(() => Assert.Contains("There is none yet", page.Markup, StringComparison.Ordinal), PersonAtPages.Patience);
        ApiKeys keys = server.Services.GetRequiredService<ApiKeys>();

        NewApiKey made = await keys.CreateAsync(Projects.Default, new ApiKeyRequest("app", Rights.Ingest, null), PeopleSteps.Tester, Cancel);
        page.WaitForElement("[aria-label=\"Revoke app\"]", PersonAtPages.Patience);

        await keys.RevokeAsync(Projects.Default, made.Key.Id, PeopleSteps.Tester, Cancel);
        page.WaitForElement("li.ended", PersonAtPages.Patience);
    }

    [Theory, EveryDatabase]
    public async Task ASecretThatIsMadeOrEndedElsewhere(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        IRenderedComponent<SignaturesPage> page = person.Render<SignaturesPage>();
        page.WaitForElement(".act button", PersonAtPages.Patience);
        WebhookSecrets secrets = server.Services.GetRequiredService<WebhookSecrets>();

        WebhookSecret? made = await secrets.CreateAsync(Projects.Default, replace: false, PeopleSteps.Tester, Cancel);
        page.WaitForElement("li", PersonAtPages.Patience);

        await secrets.EndAsync(Projects.Default, made!.Id, PeopleSteps.Tester, Cancel);
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("li")), PersonAtPages.Patience);
    }

    [Theory, EveryDatabase]
    public async Task AProjectThatIsMadeElsewhere(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server, role: null, owner: true);
        IRenderedComponent<ProjectsPage> page = person.Render<ProjectsPage>();
        Assert.Single(page.FindAll("li"));

        await server.MakeProjectAsync("support-bot");

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("li").Count), PersonAtPages.Patience);
    }

    [Theory, EveryDatabase]
    public async Task ASessionThatBeginsElsewhere(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.WithPasswordAsync(server);
        IRenderedComponent<SessionsPage> page = person.Render<SessionsPage>();
        page.WaitForElement("li", PersonAtPages.Patience);
        User owner = server.Services.GetRequiredService<AccessDirectory>().Book.FindUser("olivia@example.com")!;

        await server.Services.GetRequiredService<Sessions>()
            .StartAsync(owner, "password", new Device("another browser", null), null, PeopleSteps.Tester, Cancel);

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("li").Count), PersonAtPages.Patience);
    }
}
