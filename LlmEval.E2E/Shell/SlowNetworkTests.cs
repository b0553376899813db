using System.Text.RegularExpressions;
using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Shell;

/// <summary>The server answers to a key when the next one is pressed already.</summary>
[Collection<OneServer>]
public class SlowNetworkTests(Browser browser, SharedServer shared)
{
    private static readonly Regex Found = new("q=symphony(%20|\\+)orchestra$");

    private static readonly LocatorPressSequentiallyOptions Typing = new() { Delay = 110 };

    [Fact]
    public async Task ASearchKeepsEveryLetterThatIsTyped()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("slow-1", ("user_query", "Which symphony orchestra plays?")));
        await using var network = new Network(server) { Delay = TimeSpan.FromMilliseconds(75) };
        await using BrowserTab tab = await browser.OpenAsync(server, network, "/traces");
        await Expect(tab.Row("slow-1")).ToBeVisibleAsync();

        ILocator search = tab.Page.GetByRole(AriaRole.Searchbox);
        await search.PressSequentiallyAsync("symphony orchestra", Typing);
        await Expect(tab.Page).ToHaveURLAsync(Found);
        await Expect(search).ToHaveValueAsync("symphony orchestra");
        await Expect(tab.Row("slow-1")).ToBeVisibleAsync();
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task NumbersAndNamesKeepWhatIsTyped()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await using var network = new Network(server) { Delay = TimeSpan.FromMilliseconds(75) };
        await using BrowserTab tab = await browser.OpenAsync(server, network, "/settings");
        ILocator most = tab.Page.GetByLabel("Keep at most");
        await Expect(most).ToBeEnabledAsync();
        await most.PressSequentiallyAsync("25000x", Typing);
        await Expect(tab.Page.GetByText("The number of traces has to be between")).ToBeVisibleAsync();
        await Expect(most).ToHaveValueAsync("25000x");

        await tab.GoToAsync("/traces");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Saved views", Exact = true }).ClickAsync();
        ILocator name = tab.Page.GetByLabel("Save what is shown as");
        await name.PressSequentiallyAsync("Slow and steady", Typing);
        await name.PressAsync("Enter");
        await Expect(tab.Page.Locator("#saved-views").GetByRole(AriaRole.Link, new() { Name = "Slow and steady", Exact = true })).ToBeVisibleAsync();
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task FiltersThatAreChosenQuicklyAreAllChosen()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await using var network = new Network(server) { Delay = TimeSpan.FromMilliseconds(150) };
        await using BrowserTab tab = await browser.OpenAsync(server, network, "/traces");
        ILocator accepted = tab.Page.GetByRole(AriaRole.Button, new() { Name = "Accepted", Exact = true });
        await tab.UntilInteractiveAsync();

        await accepted.ClickAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Rejected", Exact = true }).ClickAsync();

        await Expect(tab.Page).ToHaveURLAsync(new Regex("(?=.*status=accepted)(?=.*status=rejected)"));
        await tab.Page.GoBackAsync();
        await Expect(tab.Page).ToHaveURLAsync(new Regex("status=accepted$"));
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Errors", Exact = true }).ClickAsync();
        await Expect(tab.Page).ToHaveURLAsync(new Regex("(?=.*status=accepted)(?=.*has_error=true)"));
        tab.AssertNoErrors();
    }
}
