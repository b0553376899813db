using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Review;

[Collection<OneServer>]
public class ReviewLookTests(Browser browser, SharedServer shared)
{
    private const string LongWord = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen";
    private const string Hostile = "<script>window.hacked = 1</script><img src=\"http://evil.example/x.png\" onerror=\"window.hacked = 1\">";

    [Theory]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public async Task ThePageIsAccessibleAndFitsItsScreen(int width, bool dark)
    {
        string queue = $"look-{width}-{dark}";
        ServerProcess server = await FilledAsync(queue);
        await using BrowserTab tab = await browser.OpenAsync(server, $"/review?model_name={queue}", new Look(width, 844, dark));
        await tab.ShowsAsync(queue + "-1");
        await CheckAsync(tab);

        // The sheet with the reasons, the notice about the verdict, the history, and the choice of a queue.
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Reject" }).First.ClickAsync();
        await Expect(tab.Page.GetByText("Choose why, or reject without")).ToBeVisibleAsync();
        await CheckAsync(tab);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Incomplete" }).ClickAsync();
        await tab.ShowsAsync(queue + "-0");
        await Expect(tab.Notices.Locator(".offer")).ToBeVisibleAsync();
        LocatorBoundingBoxResult notice = (await tab.Notices.Locator(".offer").BoundingBoxAsync())!;
        Assert.InRange(notice.X, 0, width - notice.Width);
        await CheckAsync(tab);
        await tab.Notices.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await tab.ShowsAsync(queue + "-1");
        await CheckAsync(tab);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Choose what to review" }).First.ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "What to review" })).ToBeVisibleAsync();
        await CheckAsync(tab);
        tab.AssertAskedOnly(server.Url);
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task TheLineOfAnErrorStandsApartFromWhatWasSaid()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("apart", ("model_name", "apart"), ("error", "timeout")));
        await using BrowserTab tab = await browser.OpenAsync(server, "/review?model_name=apart");
        await tab.ShowsAsync("apart");
        LocatorBoundingBoxResult head = (await tab.Page.Locator(".pane:not([hidden]) > header").BoundingBoxAsync())!;
        LocatorBoundingBoxResult error = (await tab.Page.Locator(".pane:not([hidden]) .error-line").BoundingBoxAsync())!;
        LocatorBoundingBoxResult said = (await tab.Page.Locator(".pane:not([hidden]) .conversation").BoundingBoxAsync())!;
        Assert.InRange(error.Y - head.Y - head.Height, 16, 24);
        Assert.InRange(said.Y - error.Y - error.Height, 16, 24);
    }

    [Fact]
    public async Task OnAPhoneAThumbSuffices()
    {
        ServerProcess server = await FilledAsync("thumb");
        await using BrowserTab tab = await browser.OpenAsync(server, "/review?model_name=thumb", new Look(390, 844));
        await tab.ShowsAsync("thumb-1");
        foreach (string name in (string[])["Accept", "Reject", "Skip"])
        {
            LocatorBoundingBoxResult box = (await tab.Page.GetByRole(AriaRole.Button, new() { Name = name }).First.BoundingBoxAsync())!;
            Assert.InRange(box.Height, 44, 80);
            Assert.InRange(box.Y, 700, 844);
        }

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Skip" }).ClickAsync();
        await tab.ShowsAsync("thumb-0");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Accept" }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Show the 1 skipped" }).ClickAsync();
        await tab.ShowsAsync("thumb-1");
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task WhatIsSaidOfATraceDoesNotOverlapWhileItsAnswerIsEdited()
    {
        ServerProcess server = await FilledAsync("narrow");
        await using BrowserTab tab = await browser.OpenAsync(server, "/review?model_name=narrow");
        await tab.ShowsAsync("narrow-1");
        await tab.Page.Keyboard.PressAsync("e");
        await Expect(tab.Page.Locator("textarea[name=ideal]")).ToBeFocusedAsync();
        Assert.True(await tab.Pane.Locator("> header").EvaluateAsync<bool>("""
            header => {
                const figures = header.querySelector('dl').getBoundingClientRect();
                return [...header.querySelectorAll('.name p > *')].map(el => el.getBoundingClientRect())
                    .every(box => box.bottom <= figures.top || box.right <= figures.left);
            }
            """));
    }

    [Fact]
    public async Task AQueueIsChosenAndStandsInTheAddress()
    {
        ServerProcess server = await FilledAsync("chosen");
        await using BrowserTab tab = await browser.OpenAsync(server, "/review?model_name=chosen");
        await tab.ShowsAsync("chosen-1");

        await tab.Page.Keyboard.PressAsync("f");
        await tab.Page.Locator(".scope").GetByLabel("Order").SelectOptionAsync("Oldest");
        await tab.Page.GetByRole(AriaRole.Radio).Nth(1).CheckAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Review these" }).ClickAsync();

        await tab.ShowsAsync("chosen-0");
        Assert.Contains("order=oldest&size=50&model_name=chosen&to=", tab.Page.Url, StringComparison.Ordinal);
        await Expect(tab.Page.GetByText("0 of 2")).ToBeVisibleAsync();
        await tab.Page.ReloadAsync();
        await tab.UntilInteractiveAsync();
        await tab.ShowsAsync("chosen-0");
    }

    [Fact]
    public async Task ReasonsAreChangedAndOffered()
    {
        // Reasons are everybody's.
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await FillAsync(server, "words");
        await using BrowserTab tab = await browser.OpenAsync(server, "/settings/reasons");
        await tab.AssertAccessibleAsync();
        await tab.Page.GetByLabel("Reason 1", new() { Exact = true }).FillAsync(Hostile);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Remove Bad format" }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(tab.Page.GetByText("Saved.")).ToBeVisibleAsync();

        await tab.GoToAsync("/review?model_name=words");
        await tab.ShowsAsync("words-1");
        await Expect(tab.Page.Locator(".chip").First).ToContainTextAsync(Hostile);
        await Expect(tab.Page.Locator(".chip")).ToHaveCountAsync(8);
        Assert.False(await tab.Page.EvaluateAsync<bool>("'hacked' in window"));
        tab.AssertAskedOnly(server.Url);
        tab.AssertNoErrors();
    }

    private static async Task CheckAsync(BrowserTab tab)
    {
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();
    }

    private async Task<ServerProcess> FilledAsync(string queue)
    {
        ServerProcess server = await shared.GetAsync(browser);
        await FillAsync(server, queue);
        return server;
    }

    private static async Task FillAsync(ServerProcess server, string queue)
    {
        for (int i = 0; i < 2; i++)
        {
            await server.PostTraceAsync(SomeTrace.With(
                $"{queue}-{i}",
                ("model_name", queue),
                ("user_query", $"{LongWord} {Hostile}"),
                ("ai_response", $"**bold** `code`\n\n| a | b |\n|---|---|\n| {LongWord} | {LongWord} |\n\n{Hostile}"),
                ("system_prompt", "You are a test."),
                ("functions_called", new[] { new { name = "lookup", parameters = new { order = 1 }, result = new { text = LongWord } } }),
                ("error", "Timeout")));
        }
    }
}
