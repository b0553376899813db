using LlmEval.Core.Ingestion;
using LlmEval.Core.Monitoring;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Monitoring;

public class ProcessHistoryTests
{
    private readonly ProcessHistory _history = new();

    [Fact]
    public void AWindowAddsUpItsSamplesAndNoOthers()
    {
        for (int second = 1; second <= 90; second++)
        {
            _history.Add(SomeSample.At(SomeTrace.Now.AddSeconds(second), ok: second > 30 ? 9 : 1_000, invalid: 1, totalMs: second, hits: 3, misses: 1));
        }

        ProcessWindow minute = _history.Last(TimeSpan.FromSeconds(60), SomeTrace.Now.AddSeconds(90));

        Assert.Equal((60, 540, 600, 60), (minute.Length.TotalSeconds, minute.Traces, minute.Requests, minute.Errors));
        Assert.Equal((9, 0.1, 0.75), (minute.TracesPerSecond, minute.ErrorShare, minute.CacheHitShare));
        Assert.InRange(minute.Quantile(IngestionStage.Total, .5)!.Value, 58, 62);
    }

    [Fact]
    public void OfNothingNothingIsSaid()
    {
        ProcessWindow none = _history.Last(TimeSpan.FromSeconds(60), SomeTrace.Now);

        Assert.Equal((0, null, null, null), (none.TracesPerSecond, none.ErrorShare, none.CacheHitShare, none.Quantile(IngestionStage.Total, .95)));
        Assert.Null(none.Last);
    }

    [Fact]
    public void AnHourIsKept()
    {
        for (int second = 0; second < ProcessHistory.Capacity + 100; second++)
        {
            _history.Add(SomeSample.At(SomeTrace.Now.AddSeconds(second)));
        }

        IReadOnlyList<ProcessSample> kept = _history.After(DateTime.MinValue);

        Assert.Equal((ProcessHistory.Capacity, SomeTrace.Now.AddSeconds(100)), (kept.Count, kept[0].At));
    }
}
