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
    public async Task NothingIsMissedWhileTheNetworkWasAway()
    {
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await server.PostTraceAsync(SomeTrace.With("before"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces");
        await Expect(tab.Row("before")).ToBeVisibleAsync();

        await tab.Page.Context.SetOfflineAsync(true);
        await tab.Page.EvaluateAsync("Blazor.disconnect?.()");
        await server.PostTraceAsync(SomeTrace.With("meanwhile"));
        await tab.Page.Context.SetOfflineAsync(false);

        await Expect(tab.Row("meanwhile")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await server.PostTraceAsync(SomeTrace.With("after"));
        await Expect(tab.Row("after")).ToBeVisibleAsync();
    }
}
