using System.Globalization;
using AngleSharp.Dom;
using Bunit;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Traces;

public sealed class SharedRowsTests : BunitContext
{
    private readonly SharedRows _rows = new(NullLoggerFactory.Instance);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));

    public SharedRowsTests()
    {
        Services.AddLive();
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddTransient<ViewerTime>();
    }

    [Fact]
    public void WhoSeesATraceAlikeSharesItsRow()
    {
        TraceSummary trace = Summary(SomeTraces.One("a"));

        Assert.Same(Find(trace), Find(trace));
        Assert.Same(Find(trace, "Europe/Berlin"), Find(trace, "Europe/Berlin"));
    }

    [Fact]
    public void ARowIsOfItsViewersClockAndList()
    {
        TraceSummary trace = Summary(SomeTraces.One("a"));
        Assert.Contains("12:00", Html(Find(trace).Talk), StringComparison.Ordinal);

        Assert.Contains("14:00", Html(Find(trace, "Europe/Berlin").Talk), StringComparison.Ordinal);
        Assert.Contains("5/4/2026", Html(Find(trace, at: SomeTrace.Now.AddYears(1)).Talk), StringComparison.Ordinal);
        Assert.Contains("href=\"traces?q=question&amp;trace=a\"", Html(Find(trace, list: new TracesAddress { Filter = new TraceFilter { Text = "question" } }).Talk), StringComparison.Ordinal);
        Assert.Contains("<mark>Question</mark>", Html(Find(trace, list: new TracesAddress { Filter = new TraceFilter { Text = "question" } }).Talk), StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"model\"", Html(Find(trace, list: new TracesAddress { Columns = TraceColumns.Cost }).Facts), StringComparison.Ordinal);
    }

    [Fact]
    public void AChangedTraceIsAnotherRowWhoseTalkIsTheSame()
    {
        SharedRow before = Find(Summary(SomeTraces.One("a")));
        SharedRow after = Find(Summary(SomeTraces.One("a", status: EvaluationStatus.Accepted)));

        Assert.Contains("Accepted", Html(after.Facts), StringComparison.Ordinal);
        Assert.DoesNotContain("Accepted", Html(before.Facts), StringComparison.Ordinal);

        // Else the browser would make the link anew, and whoever has the focus on it would lose it by another's verdict.
        Assert.Equal(Html(before.Talk), Html(after.Talk));
    }

    [Fact]
    public void WhateverACallerSentIsText()
    {
        const string Hostile = "</a><script>x()</script><img src=x onerror=x()>\"' onclick=x() &lt;b&gt;";
        Trace trace = SomeTraces.One("a\"><i>", model: Hostile);
        (trace.UserQuery, trace.AiResponse, trace.SessionId, trace.Tags) = (Hostile, Hostile, Hostile, [Hostile]);
        foreach (string search in (string[])["", "script onerror"])
        {
            SharedRow row = Find(Summary(trace), list: new TracesAddress { Filter = new TraceFilter { Text = search.Length == 0 ? null : search } });

            IElement cells = Parse(Html(row.Talk) + Html(row.Facts));

            Assert.Equal(["A", "BDI", "MARK", "SPAN", "TABLE", "TBODY", "TD", "TIME", "TR"], cells.QuerySelectorAll("*").Select(e => e.TagName).Append("MARK").Distinct().Order());

            // One more is the mark of the badge's own styles.
            Assert.All(
                cells.QuerySelectorAll("*").SelectMany(e => e.Attributes).Where(a => !a.Name.StartsWith("b-", StringComparison.Ordinal)),
                a => Assert.Contains(a.Name, (string[])["class", "href", "data-keys-item", "datetime", "title"]));
            Assert.Equal(Hostile, cells.QuerySelector(".question")!.TextContent);
            Assert.Equal(Hostile, cells.QuerySelector(".model")!.GetAttribute("title"));
            Assert.Equal(Hostile, cells.QuerySelector(".tag")!.TextContent);
        }
    }

    [Fact]
    public void LettersOfAllScriptsAreSentAsTheyAre()
    {
        Trace trace = SomeTraces.One("a");
        trace.UserQuery = "Ünïcode, 質問, вопрос";

        Assert.Contains(trace.UserQuery, Html(Find(Summary(trace)).Talk), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsLongPastIsDrawnAnewAndTheSame()
    {
        TraceSummary trace = Summary(SomeTraces.One("a"));
        SharedRow first = Find(trace);
        for (int i = 0; i < 1_000; i++)
        {
            Find(Summary(SomeTraces.One($"t-{i}")));
        }

        SharedRow again = Find(trace);

        Assert.NotSame(first, again);
        Assert.Equal(Html(first.Talk), Html(again.Talk));
    }

    private static TraceSummary Summary(Trace trace) => TraceSummary.Of(trace);

    private SharedRow Find(TraceSummary trace, string zone = "Etc/UTC", TracesAddress? list = null, DateTime? at = null)
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");
        TimeProvider clock = at is null ? _time : new FakeTimeProvider(new DateTimeOffset(at.Value));
        var time = new ViewerTime(JSInterop.JSRuntime, Services.GetRequiredService<CircuitLink>(), clock);
        time.Take(zone);
        list ??= new TracesAddress();
        return _rows.Find(trace, RowLook.Of(list, time), time);
    }

    private string Html(RenderFragment cells) => Render(cells).Markup;

    private IElement Parse(string cells)
    {
        IElement body = Render(builder => builder.AddMarkupContent(0, $"<table><tbody><tr>{cells}</tr></tbody></table>")).Find("table").ParentElement!;
        return body;
    }

    protected override void Dispose(bool disposing)
    {
        _rows.Dispose();
        base.Dispose(disposing);
    }
}
