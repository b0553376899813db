using LlmEval.Core.Ingestion;
using LlmEval.Core.Rollups;

namespace LlmEval.Core.Monitoring;

/// <summary>What the process did in a stretch of time, about a second, and how it stood at its end.</summary>
/// <param name="At">Its end, UTC.</param>
/// <param name="Length">How long it was.</param>
/// <param name="Traces">Stored in it.</param>
/// <param name="Requests">To the webhooks, by <see cref="WebhookOutcome"/>.</param>
/// <param name="Times">How long traces took, packed histograms by <see cref="IngestionStage"/>.</param>
public sealed record ProcessSample(
    DateTime At,
    TimeSpan Length,
    long Traces,
    IReadOnlyList<long> Requests,
    IReadOnlyList<byte[]> Times,
    long CacheHits,
    long CacheMisses,
    int Streams,
    int Circuits,
    long QueueTraces,
    Dependencies Dependencies);

/// <summary>Several samples taken together.</summary>
public sealed class ProcessWindow
{
    private static readonly int Outcomes = WebhookMetrics.Names.Count;

    private readonly List<Dependencies> _dependencies = [];
    private readonly long[] _requests = new long[Outcomes];
    private readonly Histogram[] _times = [.. IngestionMetrics.StageNames.Select(_ => new Histogram())];

    public ProcessWindow(IEnumerable<ProcessSample> samples)
    {
        foreach (ProcessSample sample in samples)
        {
            Length += sample.Length;
            Traces += sample.Traces;
            CacheHits += sample.CacheHits;
            CacheMisses += sample.CacheMisses;
            Last = sample;
            _dependencies.Add(sample.Dependencies);
            for (int i = 0; i < Outcomes; i++)
            {
                _requests[i] += sample.Requests[i];
            }

            for (int i = 0; i < _times.Length; i++)
            {
                _times[i].Add(sample.Times[i]);
            }
        }
    }

    /// <summary>How much time it covers.</summary>
    public TimeSpan Length { get; }

    public long Traces { get; }

    public double TracesPerSecond => Length > TimeSpan.Zero ? Traces / Length.TotalSeconds : 0;

    public long Requests => _requests.Sum();

    public long Errors => Requests - _requests[(int)WebhookOutcome.Ok];

    /// <summary>0 to 1; null without requests.</summary>
    public double? ErrorShare => Requests == 0 ? null : (double)Errors / Requests;

    public long CacheHits { get; }

    public long CacheMisses { get; }

    /// <summary>0 to 1; null without reads.</summary>
    public double? CacheHitShare => CacheHits + CacheMisses == 0 ? null : (double)CacheHits / (CacheHits + CacheMisses);

    /// <summary>Null when it covers nothing.</summary>
    public ProcessSample? Last { get; }

    /// <summary>As they were at each look.</summary>
    public IReadOnlyList<Dependencies> Dependencies => _dependencies;

    public long Count(WebhookOutcome outcome) => _requests[(int)outcome];

    /// <summary>In milliseconds; null when nothing was timed.</summary>
    public double? Quantile(IngestionStage stage, double share) => _times[(int)stage].Quantile(share);

    /// <summary>How many were timed.</summary>
    public long Timed(IngestionStage stage) => _times[(int)stage].Counts.Sum(bucket => bucket.Value);
}
