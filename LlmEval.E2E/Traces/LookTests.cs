using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Traces;

[Collection<OneServer>]
public class LookTests(Browser browser, SharedServer shared)
{
    private const string LongWord = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen";

    [Theory]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public async Task ThePageIsAccessibleAndFitsItsScreen(int width, bool dark)
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces", new Look(width, 844, dark));
        await Expect(tab.Row("look-rejected")).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("html")).ToHaveAttributeAsync("data-theme", dark ? "dark" : "light");
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "More filters" }).ClickAsync();
        await Expect(tab.Page.GetByLabel("Metadata key")).ToBeVisibleAsync();
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();
        Assert.Empty(await tab.Page.Locator(".panel").EvaluateAsync<string[]>("""
            panel => [...panel.querySelectorAll('label')]
                .filter(label => [...label.querySelectorAll('input, select, button')].some(field => field.getBoundingClientRect().right > label.getBoundingClientRect().right + 1))
                .map(label => label.textContent)
            """));
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "More filters" }).ClickAsync();

        await tab.Row("look-rejected").Locator("a").ClickAsync();
        await Expect(tab.Details).ToContainTextAsync(LongWord);
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();
        tab.AssertNoErrors();
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(1400)]
    [InlineData(1366)]
    [InlineData(1200)]
    public async Task ASearchMovesNothingButTheRows(int width)
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces", new Look(width, 844));
        await Expect(tab.Row("look-rejected")).ToBeVisibleAsync();
        float before = await TopAsync();
        await tab.Page.GetByRole(AriaRole.Searchbox).FillAsync("question");
        await Expect(tab.Page.Locator(".clear")).ToBeVisibleAsync();
        Assert.Equal(before, await TopAsync());

        async Task<float> TopAsync() => (await tab.Page.Locator("thead").BoundingBoxAsync())!.Y;
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(1200)]
    public async Task ASmallCostIsShownWithAllItsDigits(int width)
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("small-cost", ("model_name", "small-cost"), ("cost", 0.00036625)));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces?model_name=small-cost", new Look(width, 844));
        ILocator cost = tab.Row("small-cost").Locator("td").GetByText("$0.00036625");
        await Expect(cost).ToBeVisibleAsync();
        Assert.True(await cost.EvaluateAsync<bool>("el => { const td = el.closest('td'); return td.scrollWidth <= td.clientWidth; }"));
    }

    [Fact]
    public async Task TheThemeFollowsTheSystemUntilAnotherIsChosenWhichIsRemembered()
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces", new Look(Dark: true));
        var html = tab.Page.Locator("html");
        await Expect(html).ToHaveAttributeAsync("data-theme", "dark");
        string dark = await BackgroundAsync(tab);

        await tab.Page.GetByLabel("Switch between dark and light theme").ClickAsync();
        await Expect(html).ToHaveAttributeAsync("data-theme", "light");
        Assert.NotEqual(dark, await BackgroundAsync(tab));

        await tab.Page.ReloadAsync();
        await Expect(html).ToHaveAttributeAsync("data-theme", "light");
    }

    [Theory]
    [InlineData("Europe/Berlin", "de-DE", "13:00")]
    [InlineData("America/New_York", "en-US", "7:00")]
    public async Task TimesAreTheViewersOwn(string zone, string locale, string shown)
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces?model_name=clock", new Look(TimeZone: zone, Locale: locale));

        await Expect(tab.Row("look-clock").Locator("time")).ToContainTextAsync(shown);
        await Expect(tab.Row("look-clock").Locator("time")).ToHaveAttributeAsync("title", new System.Text.RegularExpressions.Regex(@"^\d{4}-01-20 0?\d+:00:00\.000000 "));
    }

    [Fact]
    public async Task ABrowserThatHasMovedShowsTheTimesOfWhereItIsNow()
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.NewTabAsync(server, new Look(TimeZone: "America/New_York", Locale: "en-US"));
        await tab.Page.Context.AddCookiesAsync([new() { Name = "zone", Value = "Europe/Berlin", Url = server.Url }]);
        await tab.Page.GotoAsync("/traces?model_name=clock");

        await Expect(tab.Row("look-clock").Locator("time")).ToContainTextAsync("7:00");
        Assert.Contains(await tab.Page.Context.CookiesAsync(), c => c is { Name: "zone", Value: "America/New_York" });
    }

    [Theory]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public async Task AMenuOpensBelowItsButton(int width, bool dark)
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces", new Look(width, 844, dark));
        await Expect(tab.Row("look-rejected")).ToBeVisibleAsync();
        foreach ((string name, string id) in ((string, string)[])[("Saved views", "saved-views"), ("Display", "traces-view")])
        {
            ILocator button = tab.Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
            await button.ClickAsync();
            await Expect(tab.Page.Locator("#" + id)).ToBeVisibleAsync();
            LocatorBoundingBoxResult from = (await button.BoundingBoxAsync())!;
            LocatorBoundingBoxResult menu = (await tab.Page.Locator("#" + id).BoundingBoxAsync())!;
            Assert.InRange(menu.Y, from.Y + from.Height, from.Y + from.Height + 12);
            Assert.InRange(menu.X, 0, from.X + from.Width);
            Assert.InRange(menu.X + menu.Width, from.X, width);
            await tab.Page.Keyboard.PressAsync("Escape");
        }
    }

    [Fact]
    public async Task OnAPhoneAQuestionHasTheWidthOfTheScreen()
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces", new Look(390, 844));
        ILocator row = tab.Row("look-rejected");
        LocatorBoundingBoxResult whole = (await row.BoundingBoxAsync())!;
        LocatorBoundingBoxResult question = (await row.Locator(".question").BoundingBoxAsync())!;
        LocatorBoundingBoxResult status = (await row.Locator("td.status").BoundingBoxAsync())!;
        LocatorBoundingBoxResult time = (await row.Locator("td.ms").BoundingBoxAsync())!;

        Assert.InRange(question.Width, whole.Width - 30, whole.Width);
        Assert.InRange(status.Y, question.Y + question.Height - 1, whole.Y + whole.Height);
        Assert.InRange(time.X, status.X + status.Width, whole.X + whole.Width);
        Assert.InRange(time.Y + time.Height, whole.Y, whole.Y + whole.Height);
        await Expect(row.Locator("td.status")).ToContainTextAsync("Error");
    }

    [Fact]
    public async Task ATimeHasRoomInEveryLanguage()
    {
        ServerProcess server = await FilledAsync();
        await server.PostTraceAsync(SomeTrace.With("look-long", ("model_name", "clock"), ("timestamp", $"{DateTime.UtcNow.Year}-02-28T22:44:00Z")));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces?model_name=clock", new Look(TimeZone: "UTC", Locale: "en-US"));
        await Expect(tab.Row("look-long").Locator("time")).ToContainTextAsync("PM");
        Assert.True(await tab.Row("look-long").Locator("td.time").EvaluateAsync<bool>("cell => cell.scrollWidth <= cell.clientWidth"));
    }

    [Fact]
    public async Task AnAddressThatDoesNotExistSaysSo()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await using BrowserTab tab = await browser.OpenAsync(server, "/no/such/page");

        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "There is no such page" })).ToBeVisibleAsync();
    }

    private static Task<string> BackgroundAsync(BrowserTab tab) =>
        tab.Page.EvaluateAsync<string>("getComputedStyle(document.querySelector('.card, .notice, #shell-nav')).backgroundColor");

    private async Task<ServerProcess> FilledAsync()
    {
        ServerProcess server = await shared.GetAsync(browser);
        int year = DateTime.UtcNow.Year;
        await server.PostTraceAsync(SomeTrace.With("look-clock", ("model_name", "clock"), ("timestamp", $"{year}-01-20T12:00:00Z")));
        foreach (string status in (string[])["accepted", "rejected", "in_review"])
        {
            await server.PostTraceAsync(SomeTrace.With(
                "look-" + status, ("error", "Timeout"), ("tags", new[] { "prod", LongWord }), ("session_id", "session-1"), ("user_query", LongWord + " " + LongWord)));
            await server.EvaluateAsync("look-" + status, status);
        }

        return server;
    }
}
