using System.Globalization;
using LlmEval.Core.Monitoring;
using LlmEval.Tests.Support;
using LlmEval.Web.Metrics;
using LlmEval.Web.Monitoring;

namespace LlmEval.Tests.Monitoring;

public class MonitoringViewTests
{
    private readonly ProcessHistory _history = new();

    public MonitoringViewTests() => CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");

    [Fact]
    public void FiguresAreOfTheLastMinuteAndCurvesOfTheRange()
    {
        for (int second = 1; second <= 300; second++)
        {
            _history.Add(SomeSample.At(SomeTrace.Now.AddSeconds(second), ok: 4, invalid: second is >= 280 and < 300 ? 1 : 0, totalMs: 20, hits: 1, misses: 3, streams: 7));
        }

        var view = MonitoringView.Of(_history, MonitoringRange.Find("15m"), SomeTrace.Now.AddSeconds(300));

        Assert.Equal(["4.0", "20", "7.7%", "25.0%", "7", "0", "0"], view.Kpis.Select(kpi => kpi.Value));
        Assert.Equal(180, view.Ingestion.Times.Count);
        Assert.Equal([null, 4.0], view.Ingestion.Series[0].Values.Distinct());
        ChartSeries reason = Assert.Single(view.Errors.Series);
        Assert.Equal(("Invalid", 20), (reason.Name, reason.Values.Sum()));
    }

    [Fact]
    public void RedisHasACurveOnlyWhereItIsConfigured()
    {
        _history.Add(SomeSample.At(SomeTrace.Now));
        Assert.Equal(["Database"], Names());

        _history.Add(SomeSample.At(SomeTrace.Now.AddSeconds(1), dependencies: SomeSample.Well with { RedisUp = true }));
        Assert.Equal(["Database", "Redis"], Names());

        IEnumerable<string> Names() =>
            MonitoringView.Of(_history, MonitoringRange.Find("5m"), SomeTrace.Now.AddSeconds(1)).Availability.Series.Select(s => s.Name);
    }

    [Fact]
    public void ALookAfterTheNextStepMovesTheCurveByOne()
    {
        MonitoringRange range = MonitoringRange.Find("5m");
        DateTime now = SomeTrace.Now;
        for (int second = -300; second <= 0; second++)
        {
            _history.Add(SomeSample.At(now.AddSeconds(second), ok: 1));
        }

        var before = MonitoringView.Of(_history, range, now);
        _history.Add(SomeSample.At(now.AddSeconds(1), ok: 5));
        _history.Add(SomeSample.At(now.AddSeconds(2), ok: 5));
        ChartPatch patch = ChartPatch.Between(before.Ingestion, MonitoringView.Of(_history, range, now.AddSeconds(2)).Ingestion);

        Assert.Single(patch.Times);
        Assert.Single(patch.Points!);
    }

    [Fact]
    public void WhatTheProcessDependsOnIsSaidInWords()
    {
        _history.Add(SomeSample.At(SomeTrace.Now, dependencies: new Dependencies("The database does not answer.", SomeTrace.Now, false, 12, TimeSpan.FromSeconds(9), null)));

        var view = MonitoringView.Of(_history, MonitoringRange.Find(null), SomeTrace.Now);

        Assert.Equal(
            [("Database", false), ("Redis", false), ("Event log", false)], view.Facts.Select(fact => (fact.Name, fact.Good ?? true)));
        Assert.Equal("12 events, 9.00 s behind", view.Facts[2].Text);
    }

    [Fact]
    public void BeforeTheFirstSampleThereIsNothingToSay()
    {
        var view = MonitoringView.Of(_history, MonitoringRange.Find("1h"), SomeTrace.Now);

        Assert.Empty(view.Facts);
        Assert.True(view.Ingestion.IsEmpty && view.CacheHits.IsEmpty && view.Errors.IsEmpty);
    }
}
