using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Traces;

[Collection<OneServer>]
public class SavedViewTests(Browser browser, SharedServer shared)
{
    private const string Hostile = "<img src=x onerror=\"window.hacked = 1\">";

    [Fact]
    public async Task AListIsSavedChosenOverwrittenRenamedAndDeletedByKeyboard()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("view-1", ("model_name", "viewed")));
        await server.PostTraceAsync(SomeTrace.With("view-2", ("model_name", "viewed"), ("error", "Timeout")));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces?model_name=viewed&columns=model");
        await Expect(tab.Rows).ToHaveCountAsync(2);
        await SaveAsync(tab, "All of it");
        await Expect(Menu(tab)).ToContainTextAsync("Saved.");
        await Expect(Link(tab, "All of it")).ToHaveAttributeAsync("aria-current", "true");
        await tab.AssertAccessibleAsync();
        await tab.Page.Keyboard.PressAsync("Escape");
        await Expect(Menu(tab)).ToBeHiddenAsync();

        // Another list under the same name takes a second thought.
        await tab.GoToAsync("/traces?model_name=viewed&has_error=true");
        await Expect(tab.Rows).ToHaveCountAsync(1);
        await SaveAsync(tab, "All of it");
        await Expect(Menu(tab)).ToContainTextAsync("There is a view of that name.");
        await Menu(tab).GetByLabel("Save what is shown as").FillAsync(Hostile);
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(Menu(tab)).ToContainTextAsync("Saved.");
        await Menu(tab).GetByLabel("Save what is shown as").FillAsync("All of it");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Menu(tab).GetByRole(AriaRole.Button, new() { Name = "Overwrite it" }).PressAsync("Enter");
        await Expect(Menu(tab)).ToContainTextAsync("Saved.");

        await tab.GoToAsync("/traces");
        await tab.Page.Keyboard.PressAsync("v");
        await Link(tab, "All of it").PressAsync("Enter");
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/traces?model_name=viewed&has_error=true");
        await Expect(tab.Rows).ToHaveCountAsync(1);

        await tab.GoToAsync("/settings");
        ILocator name = tab.Page.GetByLabel("Name of the view All of it");
        await name.FillAsync(Hostile);
        await name.PressAsync("Enter");
        await Expect(tab.Page.GetByText("There is a view of that name already.")).ToBeVisibleAsync();
        await Expect(name).ToHaveValueAsync("All of it");
        await name.FillAsync("Failed");
        await name.PressAsync("Enter");
        await Expect(tab.Page.GetByText("Renamed.")).ToBeVisibleAsync();
        await tab.AssertAccessibleAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Delete Failed" }).PressAsync("Enter");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Delete for everybody" }).PressAsync("Enter");
        await Expect(tab.Page.GetByText("Deleted.")).ToBeVisibleAsync();

        await tab.GoToAsync("/traces");
        await tab.Page.Keyboard.PressAsync("v");
        await Expect(Link(tab, Hostile)).ToBeVisibleAsync();
        await Expect(Link(tab, "Failed")).ToHaveCountAsync(0);
        Assert.False(await tab.Page.EvaluateAsync<bool>("'hacked' in window"));
        tab.AssertNoErrors();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OnAPhoneTheMenuFitsItsScreen(bool dark)
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("phone-1"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces", new Look(390, 844, dark));
        await SaveAsync(tab, $"A long name of a view that does not fit into the menu {dark}");
        await Expect(Menu(tab)).ToContainTextAsync("Saved.");

        LocatorBoundingBoxResult box = (await Menu(tab).BoundingBoxAsync())!;
        Assert.InRange(box.X, 0, 390 - box.Width);
        Assert.InRange(box.Y + box.Height, 0, 844);
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();
        tab.AssertNoErrors();
    }

    private static async Task SaveAsync(BrowserTab tab, string name)
    {
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Saved views", Exact = true }).ClickAsync();
        await Menu(tab).GetByLabel("Save what is shown as").FillAsync(name);
        await tab.Page.Keyboard.PressAsync("Enter");
    }

    private static ILocator Menu(BrowserTab tab) => tab.Page.Locator("#saved-views");

    private static ILocator Link(BrowserTab tab, string name) => Menu(tab).GetByRole(AriaRole.Link, new() { Name = name, Exact = true });
}
