using LlmEval.Core.Ingestion;
using LlmEval.Core.Monitoring;

namespace LlmEval.Core.Alerts;

/// <summary>Measures of this process, from its samples.</summary>
internal static class ProcessMeasures
{
    /// <returns>Null when nothing can be said.</returns>
    public static double? Read(AlertRule rule, ProcessHistory history, DateTime now)
    {
        ProcessWindow window = history.Last(rule.Window, now);
        Dependencies? found = window.Last?.Dependencies;
        return rule.Measure switch
        {
            AlertMeasure.ErrorRate => window.Requests >= rule.LeastSamples ? 100 * window.ErrorShare : null,
            AlertMeasure.ProcessingTime => window.Timed(IngestionStage.Total) >= rule.LeastSamples ? window.Quantile(IngestionStage.Total, .95) : null,
            AlertMeasure.CacheMisses => window.CacheHits + window.CacheMisses >= rule.LeastSamples ? 100 * (1 - window.CacheHitShare) : null,
            AlertMeasure.DatabaseAway => found is null ? null : Away(found.DatabaseAwaySince, now),
            AlertMeasure.QueueDepth => window.Last?.QueueTraces,
            AlertMeasure.EventLag => found?.EventLag.TotalSeconds,
            AlertMeasure.SearchLag => found?.Search?.Behind.TotalSeconds,
            AlertMeasure.StreamsOpen => window.Last?.Streams,
            AlertMeasure.CircuitsOpen => window.Last?.Circuits,
            AlertMeasure.RedisAway => found?.RedisUp is { } isUp ? Away(isUp ? null : found.RedisAwaySince ?? now, now) : null,
            _ => null,
        };
    }

    /// <summary>More than nothing from the first moment on: it may be asked for by a threshold of 0.</summary>
    private static double Away(DateTime? since, DateTime now) => since is { } began ? Math.Max(.1, (now - began).TotalSeconds) : 0;
}
