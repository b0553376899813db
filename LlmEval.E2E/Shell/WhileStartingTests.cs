using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Shell;

/// <summary>What somebody does on a page before its circuit has started and draws it anew.</summary>
[Collection<OneServer>]
public class WhileStartingTests(Browser browser, SharedServer shared)
{
    [Fact]
    public async Task WhatWasOpenedStaysOpen()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces", new Look(390, 844));
        TaskCompletionSource start = await OpenWithoutCircuitAsync(tab, "/traces");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Navigation" }).ClickAsync();

        start.SetResult();

        await tab.UntilInteractiveAsync();
        await Expect(tab.Page.Locator("#shell-nav")).ToBeVisibleAsync();
        await tab.Page.Keyboard.PressAsync("Escape");
        await Expect(tab.Page.Locator("#shell-nav")).ToBeHiddenAsync();
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task WhoIsTypingGoesOnAndThePageHearsAllOfIt()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("typed-early", ("user_query", "a rarebit of zymurgy")));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces");
        TaskCompletionSource start = await OpenWithoutCircuitAsync(tab, "/traces");
        await tab.Page.Keyboard.PressAsync("/");
        await tab.Page.Keyboard.TypeAsync("rareb");

        start.SetResult();
        await tab.UntilInteractiveAsync();
        await tab.Page.Keyboard.TypeAsync("it");

        await Expect(tab.Page.GetByPlaceholder("Search questions and answers")).ToHaveValueAsync("rarebit");
        await Expect(tab.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("q=rarebit"));
        await Expect(tab.Rows).ToHaveCountAsync(1);
        tab.AssertNoErrors();
    }

    private static async Task<TaskCompletionSource> OpenWithoutCircuitAsync(BrowserTab tab, string path)
    {
        TaskCompletionSource start = new();
        await tab.Page.RouteAsync("**/_blazor/negotiate*", async route =>
        {
            await start.Task;
            await route.ContinueAsync();
        });
        await tab.Page.GotoAsync(path);
        await Expect(tab.Page.Locator("main[data-interactive=false]")).ToBeAttachedAsync();
        return start;
    }
}
