using Bunit;
using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage.Postgres;
using LlmEval.Core.Traces;
using LlmEval.Core.Views;
using LlmEval.Tests.Live;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Traces;

public sealed class TracesPageTests : BunitContext, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));
    private readonly TestTraces _traces = new();
    private readonly TestLog _log;

    public TracesPageTests()
    {
        _log = new TestLog(_time);
        JSInterop.Mode = JSRuntimeMode.Loose;
        JSInterop.Setup<string?>("llmevalViewer.timeZone").SetResult("Europe/Berlin");
        BunitJSModuleInterop module = JSInterop.SetupModule("./Traces/TracesPage.razor.js");
        module.Mode = JSRuntimeMode.Loose;
        module.SetupModule(call => call.Identifier == "watch").Mode = JSRuntimeMode.Loose;
        Services.AddLive();
        Services.AddSingleton(SomeTrace.Project);
        Services.AddSingleton<SharedRows>();
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddSingleton(_log.Hub);
        Services.AddSingleton(_log.Feed);
        Services.AddSingleton(_traces.Reads);
        Services.AddScoped<ViewerTime>();
        Services.AddScoped<ListPlace>();
        Services.AddSingleton<JudgeTrace>((_, _) => throw new InvalidOperationException("Nothing is judged here."));
        Services.AddSingleton<UndoVerdict>((_, _, _) => throw new InvalidOperationException("Nothing is taken back here."));
        Services.AddSingleton<TagTrace>((_, _, _) => throw new InvalidOperationException("Nothing is tagged here."));
        var databases = new TestLog.NoDatabase();
        var views = new SavedViews(databases, new AuditedChanges(databases, new PostgresWriteTurn(), _time));
        Services.AddSingleton(new ViewDesk(views, SomeTrace.Project, SomeViewer.Open));
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    [Fact]
    public void TheEmptyPageSaysHowToBeginAndTurnsIntoTheList()
    {
        IRenderedComponent<TracesPage> page = Open();
        page.WaitForAssertion(() => Assert.Contains("Waiting for the first trace", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Contains("curl http://localhost/webhook/trace", page.Markup, StringComparison.Ordinal);

        _log.Stored(SomeTraces.One("first"));

        WaitForRows(page, "first");
        Assert.DoesNotContain("Waiting for the first trace", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void ARowShowsTheTraceInTheViewersTime()
    {
        Trace trace = SomeTraces.One("a", error: true);
        (trace.TokensUsed, trace.SessionId, trace.Tags) = (1245, "session-1", ["prod"]);
        _traces.Add(trace);
        IRenderedComponent<TracesPage> page = Open();
        WaitForRows(page, "a");

        string text = page.Find("tr[data-trace]").TextContent;
        foreach (string shown in (string[])["Question of a", "Answer to a", "gpt-4", "Pending", "Error", "session-1", "prod"])
        {
            Assert.Contains(shown, text, StringComparison.Ordinal);
        }

        Assert.StartsWith("2026-05-04 14:00:00", page.Find("time").GetAttribute("title"), StringComparison.Ordinal);
    }

    [Fact]
    public void TheAddressChoosesTheList()
    {
        _traces.Add(SomeTraces.One("a", status: EvaluationStatus.Rejected));
        _traces.Add(SomeTraces.One("b"));
        IRenderedComponent<TracesPage> page = Open("traces?status=rejected");
        WaitForRows(page, "a");
        Assert.Equal("true", page.Find("button[aria-pressed=true]").GetAttribute("aria-pressed"));

        page.FindAll("button.chip").Single(chip => chip.TextContent == "Rejected").Click();
        Assert.Equal("http://localhost/traces", Services.GetRequiredService<NavigationManager>().Uri);
    }

    [Fact]
    public async Task APillOffersWhatIsNewWhileSomebodyReads()
    {
        _traces.Add(SomeTraces.One("a"));
        IRenderedComponent<TracesPage> page = Open();
        WaitForRows(page, "a");
        await page.InvokeAsync(() => page.Instance.OnReading(true));

        _log.Stored(SomeTraces.One("b"));
        page.WaitForAssertion(() => Assert.Equal("1 new trace", page.Find(".pill").TextContent), Patience);
        Assert.Equal("New traces are waiting", page.Find("[aria-live=polite]").TextContent);
        Assert.Equal(["a"], Rows(page));

        await page.InvokeAsync(() => page.Find(".pill").Click());
        WaitForRows(page, "b", "a");
    }

    [Fact]
    public void DetailsShowTheWholeTraceAsTextAndFollowIt()
    {
        Trace trace = _traces.Add(SomeTraces.One("a"));
        trace.SystemPrompt = "<script>alert(1)</script>";
        trace.Metadata = """{"k":"<b>"}""";
        IRenderedComponent<TracesPage> page = Open("traces?trace=a");

        page.WaitForAssertion(() => Assert.Contains("<script>alert(1)</script>", page.Find(".details .prompt .text").TextContent, StringComparison.Ordinal), Patience);
        Assert.Equal("Answer to a", page.Find(".details .assistant .text").TextContent.Trim());
        Assert.Contains("<b>", page.Find(".details .facts").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("script, .details .text b, .details .facts b"));

        _log.Evaluated(trace, EvaluationStatus.Accepted);
        page.WaitForAssertion(() => Assert.Equal("Accepted", page.Find(".details .st").TextContent), Patience);
    }

    [Fact]
    public void ATraceThatIsNotThereSaysSo()
    {
        IRenderedComponent<TracesPage> page = Open("traces?trace=gone");

        page.WaitForAssertion(() => Assert.Contains("There is no such trace", page.Find(".details").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void WhileTheDatabaseIsAwayThePageSaysSoAndRecovers()
    {
        _traces.Add(SomeTraces.One("a"));
        _traces.Away = true;
        IRenderedComponent<TracesPage> page = Open();
        page.WaitForAssertion(() => Assert.Contains("database cannot be reached", page.Find(".away").TextContent, StringComparison.Ordinal), Patience);
        Assert.NotEmpty(page.FindAll("tr.skeleton"));

        _traces.Away = false;
        page.WaitForAssertion(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                Assert.Equal(["a"], Rows(page));
            },
            Patience);
        Assert.Empty(page.FindAll(".away"));
    }

    [Fact]
    public void TheLinkOfARowKeepsHowTheListIsShown()
    {
        _traces.Add(SomeTraces.One("a"));
        IRenderedComponent<TracesPage> page = Open();
        WaitForRows(page, "a");
        Assert.Equal("traces?trace=a", page.Find("tr[data-trace] a.question").GetAttribute("href"));

        Services.GetRequiredService<NavigationManager>().NavigateTo("traces?columns=model");

        page.WaitForAssertion(() => Assert.Equal("traces?trace=a&columns=model", page.Find("tr[data-trace] a.question").GetAttribute("href")), Patience);
    }

    [Fact]
    public void EveryFilterOfTheApiIsSetOnThePageAndTakenOffByItsChip()
    {
        IRenderedComponent<TracesPage> page = Open();
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("#traces-view")), Patience);
        NavigationManager navigation = Services.GetRequiredService<NavigationManager>();
        page.FindAll("button.chip").Single(chip => chip.TextContent == "More filters").Click();

        Field("Session").Change("s 1");
        Field("From").Change("2026-05-04T14:30:00");
        Field("Cost, at least $").Change("0.01");
        page.Find("[aria-label='Metadata key']").Change("dataset");
        page.Find("[aria-label='Metadata value']").Change("x");
        page.FindAll(".panel button").Single().Click();
        Assert.Equal("http://localhost/traces?session_id=s%201&from=2026-05-04T12%3A30%3A00Z&min_cost=0.01&metadata.dataset=x", navigation.Uri);

        page.WaitForAssertion(() => Assert.Equal(4, page.FindAll(".chip.active").Count), Patience);
        page.FindAll(".chip.active").Single(chip => chip.TextContent.Contains("s 1", StringComparison.Ordinal)).Click();
        Assert.Equal("http://localhost/traces?from=2026-05-04T12%3A30%3A00Z&min_cost=0.01&metadata.dataset=x", navigation.Uri);

        AngleSharp.Dom.IElement Field(string label) => page.FindAll(".panel label").Single(l => l.TextContent.Trim() == label).QuerySelector("input")!;
    }

    [Fact]
    public void ColumnsAndDensityStandInTheAddress()
    {
        _traces.Add(SomeTraces.One("a"));
        IRenderedComponent<TracesPage> page = Open("traces?columns=model.cost&density=compact");
        WaitForRows(page, "a");

        Assert.Equal(["pick", "talk", "model", "num cost"], page.FindAll("th").Select(th => th.ClassName));
        Assert.Equal(4, page.FindAll("tr[data-trace] td").Count);
        Assert.Contains("compact", page.Find("table").ClassName, StringComparison.Ordinal);

        page.FindAll("#traces-view label").Single(l => l.TextContent == "Time").QuerySelector("input")!.Change(true);
        Assert.Equal("http://localhost/traces?columns=time.model.cost&density=compact", Services.GetRequiredService<NavigationManager>().Uri);
    }

    [Fact]
    public async Task ASelectionEndsWithItsListAndStaysWhileDetailsAreOpened()
    {
        _traces.Add(SomeTraces.One("a"));
        _traces.Add(SomeTraces.One("b", status: EvaluationStatus.Rejected));
        IRenderedComponent<TracesPage> page = Open();
        page.WaitForAssertion(() => Assert.Equal(2, Rows(page).Count()), Patience);
        await page.Find("tr[data-trace=a] input").TriggerEventAsync("ontickedrow", new TickedRow { TraceId = "a", Ticked = true });
        Assert.Contains("1 selected", page.Find(".bulk").TextContent, StringComparison.Ordinal);
        NavigationManager navigation = Services.GetRequiredService<NavigationManager>();

        navigation.NavigateTo("traces?trace=a&density=compact");
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll(".details")), Patience);
        Assert.Contains("1 selected", page.Find(".bulk").TextContent, StringComparison.Ordinal);

        navigation.NavigateTo("traces?status=rejected");
        WaitForRows(page, "b");
        Assert.Empty(page.FindAll(".bulk"));
        Assert.False(page.Find("tr[data-trace=b] input").HasAttribute("checked"));
    }

    [Fact]
    public void ASearchMarksItsHits()
    {
        _traces.Add(SomeTraces.One("a"));
        IRenderedComponent<TracesPage> page = Open("traces?q=Question");
        WaitForRows(page, "a");

        Assert.Equal("Question", page.Find("tr[data-trace] mark").TextContent);
        Assert.EndsWith("?q=Question&format=csv", page.FindAll(".exports a")[1].GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSubscriptionEndsWithThePage()
    {
        IRenderedComponent<TracesPage> page = Open();
        page.WaitForAssertion(() => Assert.Equal(1, _log.Hub.Readers), Patience);

        await DisposeComponentsAsync();

        Assert.Equal(0, _log.Hub.Readers);
    }

    private IRenderedComponent<TracesPage> Open(string address = "traces")
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        return Render<TracesPage>();
    }

    private static void WaitForRows(IRenderedComponent<TracesPage> page, params string[] traceIds) =>
        page.WaitForAssertion(() => Assert.Equal(traceIds, Rows(page)), Patience);

    private static IEnumerable<string?> Rows(IRenderedComponent<TracesPage> page) => page.FindAll("tr[data-trace]").Select(row => row.GetAttribute("data-trace"));

    ValueTask IAsyncLifetime.InitializeAsync() => ValueTask.CompletedTask;

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await base.DisposeAsync();
        _log.Dispose();
    }
}
