using System.IO.Compression;
using System.Text;
using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Start;

public class StartTests(Browser browser)
{
    [Fact]
    public async Task AnEmptyServerLeadsHereAndWaitingTurnsIntoTheFirstTrace()
    {
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/");
        await Expect(tab.Page.GetByText("Waiting for the first trace")).ToBeVisibleAsync();
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/start");
        await Expect(tab.Page.Locator("#first-snippet")).ToContainTextAsync($"curl {server.Url}/webhook/trace");

        await server.PostTraceAsync(SomeTrace.With("t-first"));
        await Expect(tab.Page.Locator("[data-arrived=t-first]")).ToBeVisibleAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Open it" }).ClickAsync();
        await Expect(tab.Page.GetByText("Answer to t-first").First).ToBeVisibleAsync();

        // A file with good and bad lines.
        await tab.GoToAsync("/start");
        await tab.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "traces.jsonl",
            MimeType = "application/x-ndjson",
            Buffer = Encoding.UTF8.GetBytes(
                """
                {"trace_id":"file-1","model_name":"m","user_query":"q","ai_response":"a"}
                {"trace_id":"file-2","model_name":"m","user_query":"q"}
                no json
                {"trace_id":"file-3","model_name":"m","user_query":"q","ai_response":"a"}
                """),
        });
        await Expect(tab.Page.Locator(".result")).ToHaveTextAsync("2 imported, 2 could not be imported");
        await Expect(tab.Page.Locator(".errors li").First).ToContainTextAsync("ai_response");
        await Expect(tab.Page.Locator(".errors li").Last).ToContainTextAsync("Line 3");

        // One object over several lines is a file too.
        await tab.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "trace.json",
            MimeType = "application/json",
            Buffer = Encoding.UTF8.GetBytes("{\n \"trace_id\":\"file-4\",\n \"model_name\":\"m\",\n \"user_query\":\"q\",\n \"ai_response\":\"a\"\n}\n"),
        });
        await Expect(tab.Page.Locator(".result")).ToHaveTextAsync("1 imported");

        // More about faulty lines than one message to the server may hold, and the page lives on.
        string longId = new('\u65e5', 250);
        await tab.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "faults.jsonl",
            MimeType = "application/x-ndjson",
            Buffer = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 60).Select(i => $"{{\"trace_id\":\"{i}{longId}\",\"model_name\":\"m\"}}\n"))),
        });
        await Expect(tab.Page.Locator(".result")).ToHaveTextAsync("0 imported, 60 could not be imported");
        await Expect(tab.Page.Locator(".errors .more")).ToContainTextAsync("more");

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Load sample data" }).ClickAsync();
        ILocator remove = tab.Page.GetByRole(AriaRole.Button, new() { Name = "sample traces" });
        await Expect(remove).ToBeVisibleAsync();
        await remove.ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Load sample data" })).ToBeVisibleAsync(new() { Timeout = 15_000 });
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task AnImportGoesOnWhileAnotherPageIsLookedAtAndAPackedArrayIsOneToo()
    {
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await server.PostTraceAsync(SomeTrace.With("t-first"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/start");
        await Expect(tab.Page.GetByText("Waiting for the next trace")).ToBeVisibleAsync();
        var stored = new TaskCompletionSource();
        await tab.Page.RouteAsync("**/api/traces/import", async route =>
        {
            await stored.Task;
            await route.ContinueAsync();
        });

        await tab.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "traces.json.gz",
            MimeType = "application/gzip",
            Buffer = Packed("""
                [{"trace_id":"packed-1","model_name":"m","user_query":"q","ai_response":"a"},
                 {"trace_id":"packed-2","model_name":"m","user_query":"q","ai_response":"a"}]
                """),
        });
        await Expect(tab.Page.Locator(".import progress")).ToBeVisibleAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "All traces" }).ClickAsync();
        await Expect(tab.Rows).ToHaveCountAsync(1);
        await tab.Page.GoBackAsync();
        await Expect(tab.Page.Locator(".import [role=status]").First).ToContainTextAsync("traces.json.gz");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "All traces" }).ClickAsync();
        await Expect(tab.Rows).ToHaveCountAsync(1);

        stored.SetResult();

        await Expect(tab.Rows).ToHaveCountAsync(3);
        await tab.Page.GoBackAsync();
        await Expect(tab.Page.Locator(".result")).ToHaveTextAsync("2 imported");
        tab.AssertNoErrors();
    }

    [Theory]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public async Task ThePagesAreAccessibleAndFitTheirScreen(int width, bool dark)
    {
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await server.PostTraceAsync(SomeTrace.With("t-first"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/start", new Look(width, 844, dark));
        await Expect(tab.Page.GetByText("Waiting for the next trace")).ToBeVisibleAsync();
        await tab.Page.GetByRole(AriaRole.Tab, new() { Name = "Python" }).ClickAsync();
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();

        await tab.GoToAsync("/settings");
        await tab.Page.Keyboard.PressAsync("g");
        await tab.Page.Keyboard.PressAsync("s");
        await Expect(tab.Page.GetByText("Nothing would go: the one trace is kept.")).ToBeVisibleAsync();
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();
        if (width < 1100)
        {
            await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Settings General" }).ClickAsync();
            await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "API keys" })).ToBeVisibleAsync();
            await tab.AssertAccessibleAsync();
            await tab.Page.Keyboard.PressAsync("Escape");
        }

        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "API keys" })).ToBeVisibleAsync(new() { Visible = width >= 1100 });
        await tab.Page.GetByRole(AriaRole.Radio, new() { Name = dark ? "Light" : "Dark" }).CheckAsync();
        await Expect(tab.Page.Locator("html")).ToHaveAttributeAsync("data-theme", dark ? "light" : "dark");
        await tab.Page.GetByLabel("Compact").CheckAsync();
        await tab.AssertAccessibleAsync();
        await tab.Page.ReloadAsync();
        await tab.UntilInteractiveAsync();
        await Expect(tab.Page.GetByLabel("Compact")).ToBeCheckedAsync();
        await Expect(tab.Page.Locator("html")).ToHaveAttributeAsync("data-density", "compact");

        await tab.Page.GetByLabel("Keep at most").FillAsync("1");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(tab.Page.GetByText("Saved.")).ToBeVisibleAsync();
        tab.AssertNoErrors();
    }

    private static byte[] Packed(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
