using Bunit;
using LlmEval.Core.Outbound;
using LlmEval.Tests.Live;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using LlmEval.Web.Live;
using LlmEval.Web.Outbound;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Outbound;

/// <summary>The clock of the page stands still: what it shows, it was told of.</summary>
public sealed class WebhooksPageTests : BunitContext, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));
    private readonly TestLog _log;
    private TestCore _core = null!;

    public WebhooksPageTests()
    {
        _log = new TestLog(_time);
        JSInterop.Mode = JSRuntimeMode.Loose;
        JSInterop.Setup<string?>("llmevalViewer.timeZone").SetResult("Europe/Berlin");
        Services.AddLive();
        Services.AddSingleton(SomeTrace.Project);
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddSingleton(_log.Hub);
        Services.AddSingleton(_log.Feed);
        Services.AddScoped<ViewerTime>();
    }

    [Fact]
    public async Task WhatIsMadeElsewhereShowsByItself()
    {
        IRenderedComponent<WebhooksPage> page = Render<WebhooksPage>();
        page.WaitForAssertion(() => Assert.Contains("No webhooks yet", page.Markup, StringComparison.Ordinal), Patience);

        await _core.SubscribeAsync(new SubscriptionDraft { Name = "Slack", Url = "http://127.0.0.1:9/" });

        page.WaitForAssertion(() => Assert.Contains("Slack", page.Find("article h2").TextContent, StringComparison.Ordinal), Patience);
        Assert.Equal(0, _log.Hub.Readers);
    }

    [Fact]
    public async Task AWebhookIsChangedBesideTheOthers()
    {
        await _core.SubscribeAsync(new SubscriptionDraft { Name = "Slack", Url = "http://127.0.0.1:9/" });
        await _core.SubscribeAsync(new SubscriptionDraft { Name = "Warehouse", Url = "http://127.0.0.1:9/" });
        IRenderedComponent<WebhooksPage> page = Render<WebhooksPage>();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("article").Count), Patience);

        foreach (string name in (string[])["Slack", "Warehouse"])
        {
            await page.InvokeAsync(() => page.FindAll("article").Single(card => card.TextContent.Contains(name, StringComparison.Ordinal))
                .QuerySelectorAll("button").Single(button => button.TextContent == "Change").ClickAsync());

            Assert.Equal($"Change {name}", page.Find("form h2").TextContent);
            Assert.Equal(2, page.FindAll("article").Count);
        }
    }

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        _core = await TestCore.StartAsync(DatabaseKind.Sqlite, OutboundCore.Parts(new FakeTimeProvider(new DateTimeOffset(SomeTrace.Now))));

        // Nobody does anything here, so nobody is asked for.
        var nobody = new PageCaller(null!, null!, SomeTrace.Project);
        Services.AddSingleton(ActivatorUtilities.CreateInstance<WebhookDesk>(_core.Services, SomeTrace.Project, nobody));
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await base.DisposeAsync();
        await _core.DisposeAsync();
        _log.Dispose();
    }
}
