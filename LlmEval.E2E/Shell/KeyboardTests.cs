using LlmEval.E2E.Review;
using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Shell;

/// <summary>Where the focus is can be seen, and a key takes it to where the next key acts.</summary>
[Collection<OneServer>]
public class KeyboardTests(Browser browser, SharedServer shared)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatHasTheFocusHasARing(bool dark)
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("ring"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/trace?trace_id=ring", new Look(Dark: dark));
        await Expect(tab.Page.Locator("form.judge")).ToBeVisibleAsync();

        var seen = new HashSet<string>();
        for (int i = 0; i < 60 && !seen.IsSupersetOf(["A", "BUTTON", "INPUT"]); i++)
        {
            await tab.Page.Keyboard.PressAsync("Tab");
            string[] focused = await tab.Page.EvaluateAsync<string[]>("""
                () => {
                    const el = document.activeElement;
                    const style = getComputedStyle(el.matches('.find input') ? el.closest('.find') : el);
                    return [el.tagName, `${style.outlineStyle} ${style.outlineWidth}`, el.outerHTML.slice(0, 120)];
                }
                """);
            seen.Add(focused[0]);
            Assert.True(focused[0] is "BODY" || focused[1] is "solid 2px", string.Join(": ", focused));
        }

        Assert.Superset(new HashSet<string>(["A", "BUTTON", "INPUT"]), seen);
    }

    [Fact]
    public async Task EscapeEmptiesASearchAndThenLeavesIt()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("escape", ("user_query", "Where is the way out?")));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces");
        await Expect(tab.Row("escape")).ToBeVisibleAsync();
        ILocator search = tab.Page.GetByRole(AriaRole.Searchbox);
        await tab.Keys.PressAsync("/");
        await tab.Keys.TypeAsync("way");
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/traces?q=way");
        await tab.Keys.PressAsync("Escape");
        await Expect(search).ToHaveValueAsync("");
        await Expect(search).ToBeFocusedAsync();
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/traces");
        await tab.Keys.PressAsync("Escape");
        await Expect(tab.Page.GetByRole(AriaRole.Table)).ToBeFocusedAsync();
        await tab.Keys.PressAsync("j");
        await Expect(tab.Rows.First.Locator("a")).ToBeFocusedAsync();

        await tab.GoToAsync("/trace?trace_id=escape");
        await Expect(tab.Page.Locator(".conversation")).ToBeVisibleAsync();
        await tab.Keys.PressAsync("/");
        await tab.Keys.TypeAsync("way");
        await tab.Keys.PressAsync("Escape");
        await Expect(search).ToHaveValueAsync("");
        await Expect(search).ToBeFocusedAsync();
        await tab.Keys.PressAsync("Escape");
        await Expect(search).Not.ToBeFocusedAsync();
        await Expect(tab.Page.Locator("h1")).ToHaveTextAsync("Where is the way out?");
    }

    [Fact]
    public async Task EscapeLeavesAFieldOfAFormAndThenTheForm()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await using BrowserTab tab = await browser.OpenAsync(server, "/alerts");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "New rule" }).PressAsync("Enter");
        ILocator name = tab.Page.GetByRole(AriaRole.Textbox, new() { Name = "Name" });
        await Expect(name).ToBeFocusedAsync();
        await tab.Keys.TypeAsync("Half a name");

        await tab.Keys.PressAsync("Escape");
        await Expect(name).Not.ToBeFocusedAsync();
        await Expect(name).ToHaveValueAsync("Half a name");
        await tab.Keys.PressAsync("Escape");
        await Expect(name).ToHaveCountAsync(0);
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "New rule" })).ToBeVisibleAsync();
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task WhoTypesOnAfterAPauseIsStillInTheSearch()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("pause", ("user_query", "Which of the interludes is the longest?")));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces");
        await Expect(tab.Row("pause")).ToBeVisibleAsync();
        await tab.Keys.PressAsync("/");
        await tab.Keys.TypeAsync("inter");
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/traces?q=inter");
        await tab.Keys.TypeAsync("lude");
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/traces?q=interlude");
        await tab.Keys.TypeAsync("s");
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/traces?q=interludes");
        await Expect(tab.Page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync("interludes");

        await tab.Page.GoBackAsync();
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/traces");
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task TheListOfKeysHasABoxThatTurnsThemOff()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await using BrowserTab tab = await browser.OpenAsync(server, "/settings");
        await tab.UntilInteractiveAsync();
        await tab.Keys.PressAsync("?");
        ILocator box = tab.Page.GetByLabel("Single-key shortcuts on");
        await Expect(box).ToBeCheckedAsync();
        LocatorBoundingBoxResult? drawn = await box.BoundingBoxAsync();
        Assert.Equal((16, 16), (drawn!.Width, drawn.Height));
    }

    [Fact]
    public async Task AReviewersNameIsDoneWithEnter()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("named", ("model_name", "named")));
        await using BrowserTab tab = await browser.OpenAsync(server, "/review?model_name=named");
        await tab.ShowsAsync("named");
        ILocator name = tab.Page.GetByLabel("Your name");
        await name.ClickAsync();
        await tab.Keys.TypeAsync("Ada (sample)");
        await tab.Keys.PressAsync("Enter");
        await Expect(tab.Page.Locator(".reviewer .face")).ToHaveTextAsync("AS");
        await Expect(name).Not.ToBeFocusedAsync();
        await tab.Keys.PressAsync("a");
        await Expect(tab.Notices).ToContainTextAsync("Accepted");
        await Expect(name).ToHaveValueAsync("Ada (sample)");
    }

    [Fact]
    public async Task WhatAKeyOpensHasTheFocusAndEscapeClosesIt()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("opened", ("model_name", "opened")));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces?model_name=opened");
        await Expect(tab.Row("opened")).ToBeVisibleAsync();
        await tab.Keys.PressAsync("f");
        await Expect(tab.Page.GetByLabel("Session", new() { Exact = true })).ToBeFocusedAsync();
        await tab.Keys.PressAsync("Escape");
        await Expect(tab.Page.GetByLabel("Session", new() { Exact = true })).ToHaveCountAsync(0);
        await tab.Keys.PressAsync("v");
        await Expect(tab.Page.GetByLabel("Save what is shown as")).ToBeVisibleAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Saved views", Exact = true })).ToBeFocusedAsync();
        await tab.Keys.PressAsync("Tab");
        await Expect(tab.Page.Locator("#saved-views :focus")).ToHaveCountAsync(1);

        await tab.GoToAsync("/review?model_name=opened");
        await tab.ShowsAsync("opened");
        await tab.Keys.PressAsync("f");
        await Expect(tab.Page.Locator(".scope").GetByLabel("Order")).ToBeFocusedAsync();
        await tab.Keys.PressAsync("Escape");
        await Expect(tab.Page.Locator(".scope")).ToHaveCountAsync(0);
        await Expect(tab.Pane.Locator("h2").First).ToBeFocusedAsync();

        await tab.GoToAsync("/settings/reasons");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Add a tag" }).ClickAsync();
        await Expect(tab.Page.GetByLabel("Tag 1", new() { Exact = true })).ToBeFocusedAsync();

        await tab.GoToAsync("/");
        await Expect(tab.Page.Locator(".kpi .value").First).ToBeVisibleAsync();
        ILocator custom = tab.Page.GetByRole(AriaRole.Button, new() { Name = "Custom" });
        await custom.ClickAsync();
        await tab.Page.GetByLabel("From").FocusAsync();
        await tab.Keys.PressAsync("Escape");
        await Expect(tab.Page.GetByLabel("From")).ToHaveCountAsync(0);
        await Expect(custom).ToBeFocusedAsync();
        await tab.AssertAccessibleAsync();
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task WhatAKeyTakesAwayLeavesTheFocusInItsPlace()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("place", ("model_name", "place")));
        await using BrowserTab tab = await browser.OpenAsync(server, "/review?model_name=place");
        await tab.ShowsAsync("place");
        await tab.Keys.PressAsync("t");
        foreach (string tag in (string[])["one", "two", "three"])
        {
            await tab.Keys.TypeAsync(tag);
            await tab.Keys.PressAsync("Enter");
            await Expect(TakesOff(tag)).ToBeVisibleAsync();
        }

        await TakesOff("two").FocusAsync();
        await tab.Keys.PressAsync("Enter");
        await Expect(TakesOff("two")).ToHaveCountAsync(0);
        await Expect(TakesOff("three")).ToBeFocusedAsync();

        await tab.GoToAsync("/traces?model_name=place");
        await tab.Row("place").GetByRole(AriaRole.Checkbox).FocusAsync();
        await tab.Keys.PressAsync("Space");
        await tab.Page.Locator(".bulk .accept").FocusAsync();
        await tab.Keys.PressAsync("Enter");
        await Expect(tab.Page.Locator(".bulk")).ToContainTextAsync("1 accepted");
        await Expect(tab.Page.Locator(".bulk :focus")).ToHaveCountAsync(1);

        await tab.GoToAsync("/traces?session_id=place");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the filter" }).PressAsync("Enter");
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Remove the filter" })).ToHaveCountAsync(0);
        await Expect(tab.Page.Locator(".toolbar :focus")).ToHaveCountAsync(1);
        tab.AssertNoErrors();

        ILocator TakesOff(string tag) => tab.Page.GetByRole(AriaRole.Button, new() { Name = $"Take off the tag {tag}", Exact = true });
    }

    [Fact]
    public async Task EnterThatEndsACompositionAddsNoTag()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("composed", ("model_name", "composed")));
        await using BrowserTab tab = await browser.OpenAsync(server, "/review?model_name=composed");
        await tab.ShowsAsync("composed");
        await tab.Keys.PressAsync("t");
        await tab.Keys.TypeAsync("にほ");
        await tab.Page.EvaluateAsync("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))");
        await tab.Keys.TypeAsync("んご");
        await tab.Keys.PressAsync("Enter");

        await Expect(tab.Page.Locator(".tags .tag bdi")).ToHaveTextAsync(["にほんご"]);
        await Expect(tab.Page.GetByLabel("Add a tag")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task AReasonMovesOnWithTheSameKey()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await using BrowserTab tab = await browser.OpenAsync(server, "/settings/reasons");
        ILocator third = tab.Page.GetByLabel("Reason 3", new() { Exact = true });
        string moved = await third.InputValueAsync();
        ILocator up = tab.Page.GetByRole(AriaRole.Button, new() { Name = $"Move {moved} up" });
        await up.FocusAsync();
        foreach (string label in (string[])["Reason 2", "Reason 1", "Reason 1"])
        {
            await tab.Keys.PressAsync("Enter");
            await Expect(tab.Page.GetByLabel(label, new() { Exact = true })).ToHaveValueAsync(moved);
            await Expect(up).ToBeFocusedAsync();
        }
    }
}
