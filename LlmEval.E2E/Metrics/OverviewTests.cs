using System.Diagnostics;
using System.Globalization;
using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Metrics;

public class OverviewTests(Browser browser, SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Hostile = "<img src=x onerror=alert(1)>\u202Ereversed";

    [Fact]
    public async Task ANewTraceMovesTheFiguresWithinASecondAndTheReaderKeepsWhatIsPointedAt()
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/?range=15m");
        ILocator traces = tab.Page.Locator(".kpi .value").First;
        ILocator chart = tab.Page.Locator(".chart").First;
        await Expect(chart.Locator("svg .apexcharts-bar-area").First).ToBeAttachedAsync();
        int before = await CountAsync(traces);
        string drawn = await BarsAsync(chart);

        before = await WithinASecondAsync(server, traces, before);
        await Expect(chart.Locator("svg")).Not.ToHaveTextAsync("");
        await UntilOthersAsync(chart, drawn);

        // Pointed at, the tooltip stays; what happened meanwhile is drawn when the pointer leaves.
        LocatorBoundingBoxResult box = (await chart.BoundingBoxAsync())!;
        await tab.Page.Mouse.MoveAsync(box.X + box.Width - 40, box.Y + 150);
        ILocator tooltip = chart.Locator(".apexcharts-tooltip.apexcharts-active .tip");
        await Expect(tooltip).ToContainTextAsync("Pending");
        string held = await BarsAsync(chart);
        string told = await tooltip.InnerTextAsync();
        await server.PostTraceAsync(SomeTrace.With("live-pointed"));
        await Expect(traces).ToHaveTextAsync($"{before + 1}");
        await Expect(tooltip).ToBeVisibleAsync();
        Assert.Equal(held, await BarsAsync(chart));

        // It tells of what is drawn.
        await tab.Page.Mouse.MoveAsync(box.X + box.Width - 41, box.Y + 148);
        Assert.Equal(told, await tooltip.InnerTextAsync());
        await tab.Page.Mouse.MoveAsync(600, 20);
        await UntilOthersAsync(chart, held);

        // Zoomed in, it stays so until the reader goes back.
        await tab.Page.Mouse.MoveAsync(box.X + 150, box.Y + 120);
        await tab.Page.Mouse.DownAsync();
        await tab.Page.Mouse.MoveAsync(box.X + 300, box.Y + 120, new() { Steps = 5 });
        await tab.Page.Mouse.UpAsync();
        ILocator zoomOut = chart.GetByRole(AriaRole.Button, new() { Name = "Show all" });
        await Expect(zoomOut).ToBeVisibleAsync();
        await tab.Page.Mouse.MoveAsync(600, 20);
        string zoomed = await BarsAsync(chart);
        await server.PostTraceAsync(SomeTrace.With("live-zoomed"));
        await Expect(traces).ToHaveTextAsync($"{before + 2}");
        Assert.Equal(zoomed, await BarsAsync(chart));
        await zoomOut.ClickAsync();
        await Expect(zoomOut).ToBeHiddenAsync();
        await UntilOthersAsync(chart, zoomed);
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task TheRangeStandsInTheAddressAndCanBeGoneBackFrom()
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/");
        ILocator period = tab.Page.Locator("header p").First;
        await Expect(period).ToContainTextAsync("Last 24 hours");

        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Last 7 days" }).ClickAsync();
        await Expect(period).ToContainTextAsync("Last 7 days");
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/?range=7d");
        await tab.Page.ReloadAsync();
        await tab.UntilInteractiveAsync();
        await Expect(period).ToContainTextAsync("Last 7 days");
        await tab.Page.GoBackAsync();
        await Expect(period).ToContainTextAsync("Last 24 hours");
        tab.AssertNoErrors();
    }

    [Theory]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public async Task ThePageIsAccessibleFitsItsScreenAndShowsHostileNamesAsText(int width, bool dark)
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/?range=30d", new Look(width, 844, dark));
        await Expect(tab.Page.Locator(".chart svg")).ToHaveCountAsync(5);
        await Expect(tab.Page.Locator(".worst bdi").First).ToHaveTextAsync(Hostile);
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();

        ILocator cost = tab.Page.Locator(".chart").Nth(2);
        await cost.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await cost.BoundingBoxAsync())!;
        ILocator named = cost.Locator(".tip bdi");
        for (int left = 10; left < 100 && !(await named.AllInnerTextsAsync()).Contains(Hostile); left += 4)
        {
            // From the edge to the column of today, wherever the drawing put it.
            await tab.Page.Mouse.MoveAsync(box.X + box.Width - left, box.Y + 150);
        }

        await Expect(named.Last).ToHaveTextAsync(Hostile);
        Assert.Equal(0, await tab.Page.Locator("img").CountAsync());
        tab.AssertAskedOnly(server.Url);
        tab.AssertNoErrors();
    }

    /// <summary>Where there is nothing before and after a value there is no line either.</summary>
    [Fact]
    public async Task AValueThatStandsAloneIsSeen()
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/?range=30d");

        ILocator markers = tab.Page.Locator(".chart", new() { Has = tab.Page.Locator(".apexcharts-line-series, .apexcharts-rangearea-series") })
            .First.Locator(".apexcharts-series-markers-wrap");
        await Expect(markers.Last).ToHaveCSSAsync("opacity", "1");
        Assert.True(await markers.Last.EvaluateAsync<bool>("wrap => [...wrap.querySelectorAll('.apexcharts-marker')].some(m => m.getBoundingClientRect().width > 3)"));
        tab.AssertNoErrors();
    }

    /// <summary>Nothing was measured there: it is no part of the curve, and not zero either.</summary>
    [Fact]
    public async Task WhatLiesBetweenTwoValuesIsDashed()
    {
        ServerProcess server = await FilledAsync();
        foreach (int days in (int[])[12, 24])
        {
            await server.PostTraceAsync(SomeTrace.With($"sparse-{days}", ("timestamp", DateTime.UtcNow.AddDays(-days).ToString("O", CultureInfo.InvariantCulture))));
        }

        await using BrowserTab tab = await browser.OpenAsync(server, "/?range=30d");
        ILocator card = tab.Page.Locator(".chart-card", new() { HasText = "Response time" });
        await Expect(card).ToContainTextAsync("per day");
        ILocator bridge = card.Locator("[seriesName^=gap] path").First;
        await Expect(bridge).ToHaveAttributeAsync("stroke-dasharray", "4");
        await Expect(bridge).ToHaveAttributeAsync("d", new System.Text.RegularExpressions.Regex("M.*L"));
        Assert.Equal(
            [null, 2, 3, 4, null, null, null],
            await tab.Page.EvaluateAsync<double?[]>("async () => (await import('/js/chart-axes.js')).bridges([null, 2, null, 4, 5, null, null])"));
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task TheMarksOfAnAxisEndWhereTheChartDoes()
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/?range=1h", new Look(390, 844, Locale: "en-US"));
        foreach (string range in (string[])["1h", "24h", "7d", "30d"])
        {
            await tab.Page.GetByRole(AriaRole.Link, new() { Name = range, Exact = false }).ClickAsync();
            await Expect(tab.Page.Locator(".chart [data-marks]:empty")).ToHaveCountAsync(0);
            Assert.Equal(0, await tab.Page.EvaluateAsync<int>(
                "[...document.querySelectorAll('[data-marks]')].filter(row => [...row.children].some(mark => mark.getBoundingClientRect().right > row.getBoundingClientRect().right + 1)).length"));
            await tab.AssertNoSidewaysScrollAsync();
        }
    }

    [Theory]
    [InlineData("ar")]
    [InlineData("fa-IR")]
    public async Task FiguresAndChartsHaveTheSameDigits(string locale)
    {
        ServerProcess server = await FilledAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/?range=30d", new Look(Locale: locale));
        await Expect(tab.Page.Locator(".chart [data-marks]:empty")).ToHaveCountAsync(0);
        await Expect(tab.Page.Locator(".worst")).ToContainTextAsync("%");

        // Those of Arabic and of Persian, and the signs that go with them.
        Assert.DoesNotMatch("[\u0660-\u066c\u06f0-\u06f9]", await tab.Page.Locator("main").TextContentAsync() ?? "");
    }

    private async Task<ServerProcess> FilledAsync()
    {
        // Each test brings its own: what another sent may lie some columns back by now.
        ServerProcess server = await shared.GetAsync(browser);
        string own = Guid.NewGuid().ToString("N");
        for (int i = 0; i < 4; i++)
        {
            await server.PostTraceAsync(SomeTrace.With($"filled-{own}-{i}"));
            await server.PostTraceAsync(SomeTrace.With($"hostile-{own}-{i}", ("model_name", Hostile), ("cost", 2)));
            await server.EvaluateAsync($"filled-{own}-{i}", "accepted");
            await server.EvaluateAsync($"hostile-{own}-{i}", "rejected");
        }

        return server;
    }

    /// <summary>A machine that runs many tests at once may be late with one trace, but not with each.</summary>
    /// <returns>The figure after it.</returns>
    private static async Task<int> WithinASecondAsync(ServerProcess server, ILocator traces, int before)
    {
        const int Attempts = 6;
        TimeSpan fastest = TimeSpan.MaxValue;
        for (int i = 1; i <= Attempts; i++)
        {
            long sent = Stopwatch.GetTimestamp();
            await server.PostTraceAsync(SomeTrace.With($"live-{before + i}"));
            await Expect(traces).ToHaveTextAsync($"{before + i}");
            TimeSpan took = Stopwatch.GetElapsedTime(sent);
            fastest = took < fastest ? took : fastest;
            if (fastest < TimeSpan.FromSeconds(1))
            {
                return before + i;
            }
        }

        Assert.Fail($"The figure moved {fastest.TotalSeconds:0.0} s after a trace was sent, at best.");
        return before;
    }

    private static async Task<int> CountAsync(ILocator figure)
    {
        await Expect(figure).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^\d+$"));
        return int.Parse(await figure.InnerTextAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>The shapes of all columns.</summary>
    private static Task<string> BarsAsync(ILocator chart) =>
        chart.EvaluateAsync<string>("c => [...c.querySelectorAll('.apexcharts-bar-area')].map(p => p.getAttribute('d')).join()");

    /// <summary>Until the columns have other shapes than these: the page itself says when it changed.</summary>
    private static Task UntilOthersAsync(ILocator chart, string shapes) => chart.EvaluateAsync(
        """
        (chart, before) => new Promise(done => {
          const changes = new MutationObserver(look);
          function look() {
            if ([...chart.querySelectorAll('.apexcharts-bar-area')].map(p => p.getAttribute('d')).join() === before) return;
            changes.disconnect();
            done();
          }
          changes.observe(chart, { childList: true, subtree: true, attributeFilter: ['d'] });
          look();
        })
        """,
        shapes).WaitAsync(TimeSpan.FromSeconds(10));
}
