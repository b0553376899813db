using System.Globalization;
using System.Text.Json;
using Bunit;
using LlmEval.Core.Metrics;
using LlmEval.Core.Rollups;
using LlmEval.Tests.Live;
using LlmEval.Tests.Support;
using LlmEval.Tests.Traces;
using LlmEval.Web.Live;
using LlmEval.Web.Metrics;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Metrics;

public sealed class OverviewPageTests : BunitContext, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));
    private readonly TestLog _log;
    private readonly List<OverviewRange> _asked = [];
    private Func<Overview> _answer = () => SomeOverview.Of(("gpt-4", SomeOverview.Judged(3, 1, 6, 1.5m, 100, 2_000)));
    private readonly BunitJSModuleInterop _chart;
    private Overview? _last;
    private Task _reading = Task.CompletedTask;

    public OverviewPageTests()
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");
        _log = new TestLog(_time);
        JSInterop.Mode = JSRuntimeMode.Loose;
        JSInterop.Setup<string?>("llmevalViewer.timeZone").SetResult("Europe/Berlin");
        BunitJSModuleInterop module = JSInterop.SetupModule("./Metrics/Chart.razor.js");
        _chart = module.SetupModule(call => call.Identifier == "draw");
        _chart.Mode = JSRuntimeMode.Loose;
        Services.AddLive();
        Services.AddSingleton(SomeTrace.Project);
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddSingleton(_log.Hub);
        Services.AddSingleton(_log.Feed);
        Services.AddSingleton<ReadOverview>(async (range, _) =>
        {
            _asked.Add(range);
            await _reading;
            return _answer() with { Range = range };
        });
        Services.AddSingleton<LastOverview>(range => _last is null ? null : _last with { Range = range });
        Services.AddScoped<ViewerTime>();
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    [Fact]
    public void FiguresChartsAndModelsAreShown()
    {
        IRenderedComponent<OverviewPage> page = Open();

        Assert.Equal(["10", "10", "6", "75.0%", "2.00s", "0", "$1.50"], page.FindAll(".kpi .value").Select(v => v.TextContent));
        Assert.Equal(
            ["Traces by status", "Response time", "Cost by model", "Tokens by model", "Verdicts by reviewer"],
            page.FindComponents<ChartCard>().Select(c => c.Instance.Chart.Title));
        Assert.Contains("Accepted 3, Rejected 1, In review 0, Pending 6", page.Find("[role=img]").GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Contains("30.1% to 95.4% of 4 judged", page.Find(".ranked").TextContent, StringComparison.Ordinal);
        Assert.Equal("traces?status=rejected&model_name=gpt-4", page.Find(".worst tbody a").GetAttribute("href"));
        Assert.Contains("No verdicts were given", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void ANewTraceMovesFiguresAndSendsOnlyTheChangedPoints()
    {
        IRenderedComponent<OverviewPage> page = Open();
        page.WaitForAssertion(() => Assert.Equal(3, JSInterop.Invocations["draw"].Count), Patience);
        _answer = () => SomeOverview.Of(("gpt-4", SomeOverview.Judged(3, 1, 7, 1.5m, 100, 2_000)));

        _log.Stored(SomeTraces.One("new"));

        page.WaitForAssertion(() => Assert.Equal("11", page.Find(".kpi .value").TextContent), Patience);
        JSRuntimeInvocation change = Assert.Single(JSInterop.Invocations["change"]);
        Assert.Equal([new ChartPoint(3, 14, 7)], Sent<ChartPatch>(change).Points!);
        Assert.Empty(JSInterop.Invocations["show"]);
    }

    [Fact]
    public async Task WhatABrowserMissedOfAChartIsMadeGoodWhenItComesBack()
    {
        IRenderedComponent<OverviewPage> page = Open();
        page.WaitForAssertion(() => Assert.Equal(3, JSInterop.Invocations["draw"].Count), Patience);

        // A call that is lost with the connection is never answered.
        _chart.SetupVoid(call => call.Identifier == "change");
        _answer = () => SomeOverview.Of(("gpt-4", SomeOverview.Judged(3, 1, 7, 1.5m, 100, 2_000)));
        _log.Stored(SomeTraces.One("lost"));
        page.WaitForAssertion(() => Assert.Single(JSInterop.Invocations["change"]), Patience);

        CircuitLink link = Services.GetRequiredService<CircuitLink>();
        await link.OnConnectionDownAsync(null!, CancellationToken.None);
        await link.OnConnectionUpAsync(null!, CancellationToken.None);

        await Eventually.TrueAsync(() => JSInterop.Invocations["show"].Count == 3);
        Assert.Contains(JSInterop.Invocations["show"], call => Sent<ChartModel>(call).Series.Any(s => s.Values[14] == 7));
    }

    [Fact]
    public void AfterACallThatFailedAChartIsSentWhole()
    {
        IRenderedComponent<OverviewPage> page = Open();
        page.WaitForAssertion(() => Assert.Equal(3, JSInterop.Invocations["draw"].Count), Patience);
        _chart.SetupVoid(call => call.Identifier == "change").SetCanceled();
        _answer = () => SomeOverview.Of(("gpt-4", SomeOverview.Judged(3, 1, 7, 1.5m, 100, 2_000)));
        _log.Stored(SomeTraces.One("lost"));
        page.WaitForAssertion(() => Assert.Equal("11", page.Find(".kpi .value").TextContent), Patience);

        _answer = () => SomeOverview.Of(("gpt-4", SomeOverview.Judged(3, 1, 8, 1.5m, 100, 2_000)));
        _log.Stored(SomeTraces.One("next"));
        page.WaitForAssertion(
            () =>
            {
                _time.Advance(2 * LiveFeed.Interval);
                Assert.Equal("12", page.Find(".kpi .value").TextContent);
            },
            Patience);

        ChartModel shown = Sent<ChartModel>(Assert.Single(JSInterop.Invocations["show"]));
        Assert.Contains(shown.Series, s => s.Values[14] == 8);
    }

    [Fact]
    public async Task AReadingThatBeganEarlierDoesNotReplaceALaterOne()
    {
        var readings = new List<TaskCompletionSource<Overview>>();
        using var state = new OverviewState(
            (_, _) =>
            {
                readings.Add(new TaskCompletionSource<Overview>());
                return readings[^1].Task;
            },
            _ => null,
            _time,
            () => { });
        Task byEvent = state.ShowAsync(OverviewAddress.Of(OverviewAddress.Usual), new RangeWords("Last hour", "the hour before"), TimeZoneInfo.Utc);
        Task byClock = state.RefreshAsync();

        Overview later = SomeOverview.Of(("gpt-4", SomeOverview.Judged(2, 0)));
        readings[1].SetResult(later);
        await byClock;
        readings[0].SetResult(SomeOverview.Of(("gpt-4", SomeOverview.Judged(1, 0))));
        await byEvent;

        Assert.Same(later, state.View?.Overview);
    }

    [Fact]
    public void WhatSomebodyReadAMomentAgoIsShownUntilTheFiguresOfNowAreHere()
    {
        var reading = new TaskCompletionSource();
        _reading = reading.Task;
        _last = SomeOverview.Of(("gpt-4", SomeOverview.Judged(3, 1, 5, 1.5m, 100, 2_000)));

        IRenderedComponent<OverviewPage> page = Open();
        Assert.Equal("9", page.Find(".kpi .value").TextContent);

        reading.SetResult();
        page.WaitForAssertion(() => Assert.Equal("10", page.Find(".kpi .value").TextContent), Patience);
    }

    [Fact]
    public void WithoutAnyTraceThePageLeadsToTheStart()
    {
        var reading = new TaskCompletionSource();
        _reading = reading.Task;
        (_last, _answer) = (SomeOverview.Of(), () => SomeOverview.Of());
        IRenderedComponent<OverviewPage> page = Render<OverviewPage>();
        Assert.Empty(page.FindAll(".kpi"));

        reading.SetResult();

        page.WaitForAssertion(() => Assert.EndsWith("/start", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void AllWhoSeeTheSameInTheSameWordsShareIt()
    {
        Overview overview = SomeOverview.Of(("gpt-4", SomeOverview.Judged(1, 0, cost: 1.5m)));
        RangeWords hour = new("Last hour", "the hour before");
        RangeWords day = new("Last 24 hours", "the day before");
        var english = OverviewView.Of(overview, hour);

        Assert.Same(english, OverviewView.Of(overview, hour with { }));
        Assert.NotSame(english, OverviewView.Of(overview, day));
        Assert.Equal("$1.50", english.Kpis[^1].Value);
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        Assert.Equal("$1,50", OverviewView.Of(overview, hour).Kpis[^1].Value);
    }

    [Fact]
    public void TheAddressChoosesTheRange()
    {
        IRenderedComponent<OverviewPage> page = Open("?range=7d");
        Assert.Equal(7, _asked[^1].Length.TotalDays);
        Assert.Equal("7d, Last 7 days", page.Find(".ranges [aria-current]").TextContent);

        Services.GetRequiredService<NavigationManager>().NavigateTo("?from=2026-05-01T10:00Z&to=2026-05-02T10:00Z");
        page.WaitForAssertion(() => Assert.Equal(new DateTime(2026, 5, 1, 10, 0, 0, DateTimeKind.Utc), _asked[^1].From), Patience);
        Assert.Equal("Custom", page.Find(".ranges [aria-current]").TextContent);
    }

    [Fact]
    public void ACustomRangeIsChosenOnTheViewersClock()
    {
        IRenderedComponent<OverviewPage> page = Open();
        page.Find(".ranges button").Click();
        page.FindAll(".custom input")[0].Change("2026-05-01T12:00:00");
        page.FindAll(".custom input")[1].Change("2026-05-01T11:00:00");
        page.Find(".custom").Submit();
        Assert.Contains("after the beginning", page.Find(".custom [role=alert]").TextContent, StringComparison.Ordinal);

        page.FindAll(".custom input")[1].Change("2026-05-02T12:00:00");
        page.Find(".custom").Submit();
        Assert.Equal("http://localhost/?from=2026-05-01T10:00Z&to=2026-05-02T10:00Z", Services.GetRequiredService<NavigationManager>().Uri);
    }

    [Fact]
    public void TheRangeMovesOnWithTheClock()
    {
        IRenderedComponent<OverviewPage> page = Open("?range=15m");
        DateTime first = _asked[^1].To;

        _time.Advance(TimeSpan.FromMinutes(1));

        page.WaitForAssertion(() => Assert.Equal(first.AddMinutes(1), _asked[^1].To), Patience);
    }

    [Fact]
    public void WhileTheDatabaseIsAwayThePageSaysSoAndRecovers()
    {
        Func<Overview> there = _answer;
        _answer = () => throw new TimeoutException("away");
        IRenderedComponent<OverviewPage> page = Render<OverviewPage>();
        page.WaitForAssertion(() => Assert.Contains("database cannot be reached", page.Find(".away").TextContent, StringComparison.Ordinal), Patience);

        _answer = there;
        page.WaitForAssertion(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                Assert.NotEmpty(page.FindAll(".kpi"));
            },
            Patience);
        Assert.Empty(page.FindAll(".away"));
    }

    [Fact]
    public void NamesOfModelsAreText()
    {
        _answer = () => SomeOverview.Of(("<img src=x onerror=alert(1)>", new Figures { Rejected = 2, Cost = 1 }));
        IRenderedComponent<OverviewPage> page = Open();

        Assert.Empty(page.FindAll("img"));
        Assert.Contains(page.FindAll(".worst bdi"), name => name.TextContent == "<img src=x onerror=alert(1)>");
    }

    [Fact]
    public async Task TheSubscriptionEndsWithThePage()
    {
        Open();
        Assert.Equal(1, _log.Hub.Readers);

        await DisposeComponentsAsync();

        Assert.Equal(0, _log.Hub.Readers);
    }

    /// <summary>What a script was told, read as the browser reads it.</summary>
    private static T Sent<T>(JSRuntimeInvocation call) => JsonSerializer.Deserialize<T>(Assert.IsType<string>(call.Arguments[0]), JsonSerializerOptions.Web)!;

    private IRenderedComponent<OverviewPage> Open(string address = "")
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        IRenderedComponent<OverviewPage> page = Render<OverviewPage>();
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll(".kpi")), Patience);
        return page;
    }

    ValueTask IAsyncLifetime.InitializeAsync() => ValueTask.CompletedTask;

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await base.DisposeAsync();
        _log.Dispose();
    }
}
