using System.Text.Json.Serialization;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Monitoring;

namespace LlmEval.Web.Monitoring;

/// <summary>The five measures of the process over the last minute. What cannot be said is null.</summary>
/// <param name="Replica">Which process they are of.</param>
/// <param name="WindowSeconds">How long the minute is: less just after the start.</param>
/// <param name="IngestionRate">Traces stored a second.</param>
/// <param name="ProcessingLatencyMs">From the receipt of a request to its answer after the commit.</param>
/// <param name="ErrorRate">Percent of the requests to the webhooks.</param>
/// <param name="Errors">How many, by reason.</param>
/// <param name="CacheHitRate">Percent of the reads of traces.</param>
public sealed record PerformanceReport(
    [property: JsonPropertyName("replica")] string Replica,
    [property: JsonPropertyName("window_seconds")] double WindowSeconds,
    [property: JsonPropertyName("ingestion_rate")] double IngestionRate,
    [property: JsonPropertyName("processing_latency_ms")] LatencyReport ProcessingLatencyMs,
    [property: JsonPropertyName("error_rate")] double? ErrorRate,
    [property: JsonPropertyName("errors")] IReadOnlyDictionary<string, long> Errors,
    [property: JsonPropertyName("cache_hit_rate")] double? CacheHitRate,
    [property: JsonPropertyName("stream_connections")] int StreamConnections)
{
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    public static PerformanceReport Of(ProcessWindow window, string replica) => new(
        replica,
        Math.Round(window.Length.TotalSeconds),
        Math.Round(window.TracesPerSecond, 2),
        new LatencyReport(Quantile(window, .5), Quantile(window, .95), Quantile(window, .99)),
        Percent(window.ErrorShare),
        Enum.GetValues<WebhookOutcome>()
            .Where(outcome => outcome != WebhookOutcome.Ok && window.Count(outcome) > 0)
            .ToDictionary(outcome => WebhookMetrics.Names[(int)outcome], window.Count),
        Percent(window.CacheHitShare),
        window.Last?.Streams ?? 0);

    private static double? Quantile(ProcessWindow window, double share) =>
        window.Quantile(IngestionStage.Total, share) is { } ms ? Math.Round(ms, 2) : null;

    private static double? Percent(double? share) => share is { } s ? Math.Round(100 * s, 2) : null;
}

/// <summary>Percentiles in milliseconds; null while there was nothing to measure.</summary>
public sealed record LatencyReport(double? P50, double? P95, double? P99);
