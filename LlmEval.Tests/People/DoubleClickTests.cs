using Bunit;
using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using LlmEval.Web.People;
using LlmEval.Web.Review;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.People;

/// <summary>What is asked for once more before the answer is there is done once.</summary>
public class DoubleClickTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task OneKeyIsMade(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        IRenderedComponent<KeysPage> page = person.Render<KeysPage>();
        page.WaitForAssertion(() => Assert.Contains("There is none yet", page.Markup, StringComparison.Ordinal), PersonAtPages.Patience);
        await page.InvokeAsync(() => page.Find("input[type=text]").InputAsync("app"));

        await PersonAtPages.TwiceAsync(page, "form", form => form.SubmitAsync());

        page.WaitForElement("#new-key", PersonAtPages.Patience);
        Assert.Single(await server.Services.GetRequiredService<ApiKeys>().ListAsync(Projects.Default, Cancel));
    }

    [Theory, EveryDatabase]
    public async Task OneLinkIsMadeAndIsOfWhoWasNamed(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        IRenderedComponent<PeoplePage> page = person.Render<PeoplePage>();
        page.WaitForElement("[data-person]", PersonAtPages.Patience);
        await page.InvokeAsync(() => page.Find("input[type=email]").InputAsync("ida@example.com"));

        await PersonAtPages.TwiceAsync(page, "form", form => form.SubmitAsync());

        page.WaitForElement("#new-link", PersonAtPages.Patience);
        Invitation link = Assert.Single(await server.Services.GetRequiredService<Invitations>().ListAsync(Projects.Default, all: true, Cancel));
        Assert.Equal("ida@example.com", link.Email);
    }

    [Theory, EveryDatabase]
    public async Task OneSecretIsMadeAndNoneReplacesIt(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        IRenderedComponent<SignaturesPage> page = person.Render<SignaturesPage>();
        page.WaitForElement(".act button", PersonAtPages.Patience);

        await PersonAtPages.TwiceAsync(page, ".act button", button => button.ClickAsync());

        page.WaitForElement("#new-secret", PersonAtPages.Patience);
        WebhookSecret secret = Assert.Single(await server.Services.GetRequiredService<WebhookSecrets>().ListAsync(Projects.Default, TimeProvider.System.UtcNow(), Cancel));
        Assert.Null(secret.ExpiresAt);
    }

    [Theory, EveryDatabase]
    public async Task AProjectIsNotInItsOwnWay(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server, role: null, owner: true);
        IRenderedComponent<ProjectsPage> page = person.Render<ProjectsPage>();
        await page.InvokeAsync(() => page.FindAll("input[type=text]")[0].InputAsync("Support bot"));
        await page.InvokeAsync(() => page.FindAll("input[type=text]")[1].InputAsync("support-bot"));

        await PersonAtPages.TwiceAsync(page, "form", form => form.SubmitAsync());

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("li").Count), PersonAtPages.Patience);
        Assert.Equal("", page.Find(".fault").TextContent);
    }

    [Theory, EveryDatabase]
    public async Task SavedReasonsAreNotInTheirOwnWay(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        IRenderedComponent<VocabularySection> page = person.Render<VocabularySection>();
        page.WaitForElement("form", PersonAtPages.Patience);

        await PersonAtPages.TwiceAsync(page, "form", form => form.SubmitAsync());

        page.WaitForAssertion(() => Assert.StartsWith("Saved.", page.Find(".end p").TextContent, StringComparison.Ordinal), PersonAtPages.Patience);
    }
}
