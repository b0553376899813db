using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Shell;

[Collection<OneServer>]
public class NavigationTests(Browser browser, SharedServer shared)
{
    [Fact]
    public async Task OnAPhoneItOpensOverThePageAndALinkOrEscapeClosesIt()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("phone"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces", new Look(390, 844));
        ILocator navigation = tab.Page.Locator("#shell-nav");
        await Expect(navigation).ToBeHiddenAsync();

        await OpenAsync();
        await Expect(navigation.GetByRole(AriaRole.Link, new() { Name = "Traces" })).ToHaveAttributeAsync("aria-current", "page");
        await tab.AssertAccessibleAsync();
        await navigation.GetByRole(AriaRole.Link, new() { Name = "Review" }).ClickAsync();
        await Expect(tab.Page.Locator("main h1")).ToHaveTextAsync("Review");
        await Expect(navigation).ToBeHiddenAsync();

        await OpenAsync();
        await Expect(navigation.GetByRole(AriaRole.Link, new() { Name = "Review" })).ToHaveAttributeAsync("aria-current", "page");
        await tab.Page.Keyboard.PressAsync("Escape");
        await Expect(navigation).ToBeHiddenAsync();
        tab.AssertNoErrors();

        async Task OpenAsync()
        {
            await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Navigation" }).ClickAsync();
            await Expect(navigation).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task WithSeveralProjectsTheBarLeadsFromOneToAnother()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await using BrowserTab tab = await browser.OpenAsync(server, "/settings/projects");
        await tab.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Other bot");
        await tab.Page.GetByLabel("Name in addresses").FillAsync("other-bot");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Make project" }).ClickAsync();
        await Expect(tab.Page.Locator(".list")).ToContainTextAsync("Other bot");

        await tab.GoToAsync("/traces");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Project Default, choose another" }).ClickAsync();
        await tab.AssertAccessibleAsync();
        await tab.Page.Locator("#projects").GetByRole(AriaRole.Link, new() { Name = "Other bot" }).ClickAsync();

        await Expect(tab.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/p/other-bot/"));
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Project Other bot, choose another" })).ToBeVisibleAsync();

        await tab.Page.SetViewportSizeAsync(390, 844);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Project Other bot, choose another" }).ClickAsync();
        await tab.Page.Locator("#projects").GetByRole(AriaRole.Link, new() { Name = "Default" }).ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Project Default, choose another" })).ToBeVisibleAsync();
        await tab.AssertNoSidewaysScrollAsync();
        tab.AssertNoErrors();
    }
}
