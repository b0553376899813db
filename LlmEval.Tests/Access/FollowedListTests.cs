using Bunit;
using LlmEval.Core.Access;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Access;

/// <summary>What another administrator makes or ends shows on a page that is open.</summary>
public class FollowedListTests
{
    [Theory, EveryDatabase]
    public async Task KeysThatAreMadeAndRevokedElsewhere(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        IRenderedComponent<KeysPage> page = person.Render<KeysPage>();
        page.WaitForAssertion(() => Assert.Contains("There is none yet", page.Markup, StringComparison.Ordinal), PersonAtPages.Patience);

        NewApiKey key = await server.MakeKeyAsync();
        page.WaitForElement("[aria-label=\"Revoke a key\"]", PersonAtPages.Patience);

        await server.RevokeAsync(key);
        page.WaitForElement("li.ended", PersonAtPages.Patience);
    }

    [Theory, EveryDatabase]
    public async Task SecretsThatAreMadeElsewhere(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        IRenderedComponent<SignaturesPage> page = person.Render<SignaturesPage>();
        page.WaitForElement(".act button", PersonAtPages.Patience);

        WebhookSecret? made = await server.Services.GetRequiredService<WebhookSecrets>()
            .CreateAsync(Projects.Default, replace: true, PeopleSteps.Tester, Xunit.TestContext.Current.CancellationToken);

        page.WaitForElement($"[aria-label=\"End secret {made!.Id}\"]", PersonAtPages.Patience);
    }
}
