using Bunit;
using LlmEval.Core.Access;
using LlmEval.Core.Outbound;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using LlmEval.Web.Outbound;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Outbound;

/// <summary>Two administrators have the page of webhooks open.</summary>
public class WebhooksAtOnceTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task WhatTheOtherDeletedIsNotSaidToBeSaved(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        Subscriptions subscriptions = server.Services.GetRequiredService<Subscriptions>();
        SubscriptionAnswer made = await subscriptions.MakeAsync(
            Projects.Default, new SubscriptionDraft { Name = "Slack", Url = "http://1.1.1.1/" }, PeopleSteps.Tester, Cancel);
        IRenderedComponent<WebhooksPage> page = person.Render<WebhooksPage>();
        page.WaitForElement("article", PersonAtPages.Patience);
        await ClickAsync(page, "Change");

        Assert.True(await subscriptions.DeleteAsync(Projects.Default, made.Subscription!.Id, PeopleSteps.Tester, Cancel));
        await page.InvokeAsync(() => page.Find("form").SubmitAsync());

        page.WaitForAssertion(
            () => Assert.Equal("Slack was deleted meanwhile, so this was not done.", page.Find(".failed").TextContent), PersonAtPages.Patience);
        Assert.Empty(page.FindAll("form"));
    }

    [Theory, EveryDatabase]
    public async Task ASecretIsNotShownAnyLongerThanItsWebhookIsThere(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        await server.Services.GetRequiredService<Subscriptions>().MakeAsync(
            Projects.Default, new SubscriptionDraft { Name = "Slack", Url = "http://1.1.1.1/" }, PeopleSteps.Tester, Cancel);
        IRenderedComponent<WebhooksPage> page = person.Render<WebhooksPage>();
        page.WaitForElement("article", PersonAtPages.Patience);

        await ClickAsync(page, "New secret");
        page.WaitForElement("#webhook-secret", PersonAtPages.Patience);
        await ClickAsync(page, "Delete");
        await ClickAsync(page, "Delete it");

        page.WaitForAssertion(() => Assert.Contains("Slack is deleted.", page.Markup, StringComparison.Ordinal), PersonAtPages.Patience);
        Assert.Empty(page.FindAll("#webhook-secret"));
    }

    private static Task ClickAsync(IRenderedComponent<WebhooksPage> page, string button) =>
        page.InvokeAsync(() => page.FindAll("button").First(b => b.TextContent == button).ClickAsync());
}
