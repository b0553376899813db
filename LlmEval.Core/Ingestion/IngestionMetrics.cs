using System.Diagnostics.Metrics;
using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;
using LlmEval.Core.Writing;

namespace LlmEval.Core.Ingestion;

/// <summary>The parts of the way of a request's traces into the database.</summary>
public enum IngestionStage : byte
{
    /// <summary>In the queue.</summary>
    Wait,

    /// <summary>The transaction that stores the batch.</summary>
    Store,

    /// <summary>Handing the batch's events to the readers.</summary>
    Publish,

    /// <summary>From the queue's end to the answer.</summary>
    Total,
}

/// <summary>Counts stored traces and times their way. Only the one writer counts, so that nothing is contended.</summary>
public sealed class IngestionMetrics
{
    public static readonly IReadOnlyList<string> StageNames = ["wait", "store", "publish", "total"];

    private static readonly string[] OutcomeNames = ["stored", "repeated", "conflicting", "refused", "unavailable"];
    private static readonly KeyValuePair<string, object?>[] StageTags = [.. StageNames.Select(name => KeyValuePair.Create<string, object?>("stage", name))];
    private static readonly int Unavailable = OutcomeNames.Length - 1;

    private readonly Histogram<double> _duration;
    private readonly long[] _traces = new long[OutcomeNames.Length];
    private readonly long[][] _times = [.. StageNames.Select(_ => new long[Histogram.Buckets])];

    public IngestionMetrics(IMeterFactory meters, IngestionQueue queue)
    {
        Meter meter = meters.CreateLlmEval();
        meter.CreateObservableCounter(
            "llmeval.ingestion.traces", ObserveTraces, unit: "{trace}", description: "Traces that the writer dealt with, by outcome.");
        meter.CreateObservableGauge("llmeval.ingestion.queue.traces", () => queue.Depth, unit: "{trace}", description: "Traces that wait for their commit.");
        meter.CreateObservableGauge("llmeval.ingestion.queue.size", () => queue.Bytes, unit: "By", description: "Bytes of the traces that wait for their commit.");
        _duration = meter.CreateHistogram<double>(
            "llmeval.ingestion.duration",
            unit: "s",
            description: "How long traces take, by stage: wait in the queue, store (per batch), publish (per batch), total (per request).",
            advice: new() { HistogramBucketBoundaries = [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10] });
    }

    /// <summary>Traces stored since the start.</summary>
    internal long Stored => Volatile.Read(ref _traces[(int)WriteOutcome.Stored]);

    internal void Time(IngestionStage stage, TimeSpan duration)
    {
        Interlocked.Increment(ref _times[(int)stage][Histogram.BucketOf(duration.TotalMilliseconds)]);
        _duration.Record(duration.TotalSeconds, StageTags[(int)stage]);
    }

    /// <param name="results">Of one batch.</param>
    internal void Count(ReadOnlySpan<WriteResult> results, bool stored)
    {
        if (!stored)
        {
            Interlocked.Add(ref _traces[Unavailable], results.Length);
            return;
        }

        Span<long> counts = stackalloc long[Unavailable];
        foreach (WriteResult result in results)
        {
            counts[(int)result.Outcome]++;
        }

        for (int i = 0; i < counts.Length; i++)
        {
            Interlocked.Add(ref _traces[i], counts[i]);
        }
    }

    /// <summary>How many took how long since the start, by bucket of <see cref="Histogram"/>.</summary>
    internal long[] ReadTimes(IngestionStage stage) => [.. _times[(int)stage]];

    private IEnumerable<Measurement<long>> ObserveTraces() =>
        _traces.Select((count, i) => new Measurement<long>(count, new KeyValuePair<string, object?>("outcome", OutcomeNames[i])));
}
