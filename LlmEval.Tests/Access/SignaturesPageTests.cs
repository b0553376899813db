using Bunit;
using LlmEval.Core.Access;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Access;

public class SignaturesPageTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task WhoEndsTheLastSecretIsToldThatNoSignatureIsAskedForThen(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        WebhookSecrets secrets = server.Services.GetRequiredService<WebhookSecrets>();
        WebhookSecret? first = await secrets.CreateAsync(Projects.Default, replace: false, PeopleSteps.Tester, Cancel);
        WebhookSecret? second = await secrets.CreateAsync(Projects.Default, replace: false, PeopleSteps.Tester, Cancel);
        IRenderedComponent<SignaturesPage> page = person.Render<SignaturesPage>();
        page.WaitForElement($"[aria-label=\"End secret {second!.Id}\"]", PersonAtPages.Patience);

        await page.InvokeAsync(() => page.Find($"[aria-label=\"End secret {second.Id}\"]").ClickAsync());
        Assert.DoesNotContain("No other", page.Find("li [role=alert]").TextContent, StringComparison.Ordinal);

        await secrets.EndAsync(Projects.Default, first!.Id, PeopleSteps.Tester, Cancel);
        page.WaitForAssertion(
            () => Assert.Contains("without a signature", page.Find("li [role=alert]").TextContent, StringComparison.Ordinal), PersonAtPages.Patience);
    }
}
