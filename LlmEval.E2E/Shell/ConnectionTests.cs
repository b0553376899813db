using System.Diagnostics;
using LlmEval.E2E.Review;
using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Shell;

public class ConnectionTests(Browser browser)
{
    [Fact]
    public async Task ALostServerIsSaidAndThePageComesBackByItself()
    {
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await server.PostTraceAsync(SomeTrace.With("before"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces?model_name=gpt-4");
        await Expect(tab.Row("before")).ToBeVisibleAsync();
        await Expect(tab.Page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();

        await server.KillAsync();
        await Expect(tab.Page.GetByText("The connection to the server is lost")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Expect(tab.Page.GetByText("Reconnecting", new() { Exact = true })).ToBeVisibleAsync();

        await server.StartAgainAsync();
        await server.PostTraceAsync(SomeTrace.With("after"));
        await Expect(tab.Row("after")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Expect(tab.Row("before")).ToBeVisibleAsync();
        await Expect(tab.Page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/traces?model_name=gpt-4");
    }

    [Fact]
    public async Task ATraceThatIsReadAndJudgedOutlivesALostServer()
    {
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await server.PostTraceAsync(SomeTrace.With("read"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces/read");
        ILocator notes = tab.Page.Locator("textarea[name=notes]");
        await notes.FillAsync("half a thought");
        await tab.UntilAsync("sessionStorage.getItem('draft read')?.includes('thought') === true");

        await server.KillAsync();
        await Expect(tab.Page.GetByText("The connection to the server is lost")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Expect(tab.Page.Locator(".conversation")).ToContainTextAsync("Answer to read");

        await server.StartAgainAsync();
        await server.EvaluateAsync("read", "rejected");
        await Expect(tab.Page.Locator(".head .st")).ToHaveTextAsync("Rejected", new() { Timeout = 30_000 });
        await Expect(notes).ToHaveValueAsync("half a thought");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Accept", Exact = true }).ClickAsync();
        await Expect(tab.Page.Locator(".head .st")).ToHaveTextAsync("Accepted");
        Assert.Contains("half a thought", await server.Http.GetStringAsync("/api/traces/read", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoReviewsGoesOnWithTheirTraceAndNotesWhenTheServerWasStartedAnew()
    {
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await server.PostTraceAsync(SomeTrace.With("one"));
        await server.PostTraceAsync(SomeTrace.With("two"));
        await server.PostTraceAsync(SomeTrace.With("three"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/review");
        ILocator form = tab.Page.Locator("form.judge");
        string mine = (await form.GetAttributeAsync("data-trace"))!;
        await tab.Page.Locator("textarea[name=notes]").FillAsync("half a thought");
        await tab.UntilAsync($"sessionStorage.getItem('draft {mine}')?.includes('thought') === true");

        await server.StopAsync();
        await Expect(tab.Page.GetByText("The connection to the server is lost")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await server.StartAgainAsync();

        await Expect(tab.Page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Expect(form).ToHaveAttributeAsync("data-trace", mine);
        await Expect(tab.Page.Locator("textarea[name=notes]")).ToHaveValueAsync("half a thought");
    }

    [Fact]
    public async Task NothingIsMissedWhileTheNetworkWasAway()
    {
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await server.PostTraceAsync(SomeTrace.With("before"));
        await using var network = new Network(server);
        await using BrowserTab tab = await browser.OpenAsync(server, network, "/traces");
        await Expect(tab.Row("before")).ToBeVisibleAsync();
        await tab.Page.EvaluateAsync("window.sameDocument = true");

        network.Cut();
        await Expect(tab.Page.GetByText("The connection to the server is lost")).ToBeVisibleAsync();
        await server.PostTraceAsync(SomeTrace.With("meanwhile"));
        network.Restore();

        await Expect(tab.Row("meanwhile")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Expect(tab.Page.GetByText("The connection to the server is lost")).ToBeHiddenAsync();
        await server.PostTraceAsync(SomeTrace.With("after"));
        await Expect(tab.Row("after")).ToBeVisibleAsync();
        Assert.True(await tab.Page.EvaluateAsync<bool>("window.sameDocument === true"));
    }

    [Fact]
    public async Task ChartsDrawWhatScriptsWereNotToldWhileTheConnectionWasBeingLost()
    {
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await server.PostTraceAsync(SomeTrace.With("before"));
        await using var network = new Network(server);
        await using BrowserTab tab = await browser.OpenAsync(server, network, "/?range=24h");
        await Expect(tab.Page.Locator(".chart svg")).Not.ToHaveCountAsync(0);
        ILocator traces = tab.Page.Locator(".kpi .value").First;
        await Expect(traces).ToHaveTextAsync("1");
        await tab.Page.EvaluateAsync("window.sameDocument = true");

        // The server goes on speaking to a browser that no longer hears it. By the second answer the first is spoken.
        network.LoseWhatTheServerSays();
        for (int i = 0; i < 2; i++)
        {
            long lost = network.Lost;
            await server.PostTraceAsync(SomeTrace.With($"unheard-{i}"));
            for (var waited = Stopwatch.StartNew(); network.Lost < lost + 100; await Task.Delay(20, TestContext.Current.CancellationToken))
            {
                Assert.True(waited.Elapsed < TimeSpan.FromSeconds(20), "The server said nothing.");
            }
        }

        network.Cut();
        await Expect(tab.Page.GetByText("The connection to the server is lost")).ToBeVisibleAsync();
        network.Restore();
        await Expect(traces).ToHaveTextAsync("3", new() { Timeout = 30_000 });
        Assert.True(await tab.Page.EvaluateAsync<bool>("window.sameDocument === true"));

        // Nothing more happens: another page, read from the start, has the same columns.
        await using BrowserTab other = await browser.OpenAsync(server, "/?range=24h");
        await Expect(other.Page.Locator(".chart svg .apexcharts-bar-area").First).ToBeAttachedAsync();
        for (var waited = Stopwatch.StartNew(); await ColumnsAsync(tab) != await ColumnsAsync(other); await Task.Delay(50, TestContext.Current.CancellationToken))
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(20), "The chart does not show what it was not told.");
        }
    }

    private static Task<string> ColumnsAsync(BrowserTab tab) => tab.Page.Locator(".chart").First
        .EvaluateAsync<string>("c => [...c.querySelectorAll('.apexcharts-bar-area')].map(p => p.getAttribute('d')).join()");
}
