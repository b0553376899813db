namespace LlmEval.Core.Alerts;

/// <summary>What a rule looks at. The numbers are stored: never renumber.</summary>
public enum AlertMeasure : byte
{
    /// <summary>Percent of the requests to the webhooks that failed.</summary>
    ErrorRate = 1,

    /// <summary>95th percentile from the receipt of a request to its answer, in milliseconds.</summary>
    ProcessingTime = 2,

    /// <summary>Percent of the reads of traces that the cache could not answer.</summary>
    CacheMisses = 3,

    /// <summary>For how many seconds the database has not answered.</summary>
    DatabaseAway = 4,

    /// <summary>Traces that wait for their commit.</summary>
    QueueDepth = 5,

    /// <summary>How many seconds this replica's readers are behind the event log.</summary>
    EventLag = 6,

    /// <summary>How many seconds the full-text index is behind the event log.</summary>
    SearchLag = 7,

    /// <summary>Event streams that are open.</summary>
    StreamsOpen = 8,

    /// <summary>Pages that are open in browsers.</summary>
    CircuitsOpen = 9,

    /// <summary>For how many seconds Redis has not been connected.</summary>
    RedisAway = 10,

    /// <summary>Percent of the judged traces of the window that were accepted.</summary>
    AcceptanceRate = 100,

    /// <summary>Percent of the traces of the window that carry an error.</summary>
    FailedTraces = 101,

    /// <summary>95th percentile of the response times that the traces of the window report, in milliseconds.</summary>
    ResponseTime = 102,

    /// <summary>US dollars an hour, averaged over the window.</summary>
    CostPerHour = 103,

    /// <summary>Averaged over the window.</summary>
    TracesPerMinute = 104,

    /// <summary>Averaged over the window.</summary>
    TokensPerHour = 105,
}

/// <summary>In what a measure and its thresholds are given.</summary>
public enum AlertUnit : byte
{
    Count,
    Percent,
    Milliseconds,
    Seconds,
    Dollars,
}

/// <summary>What there is to know of a measure.</summary>
/// <param name="Name">In events and settings.</param>
/// <param name="Title">For people.</param>
/// <param name="OfProcess">Each replica measures its own; else it is measured from a project's figures.</param>
/// <param name="WantsSamples">Of few it says nothing.</param>
/// <param name="UsuallyBelow">It is mostly a fall that is bad.</param>
public sealed record AlertMeasureFacts(
    AlertMeasure Measure, string Name, string Title, AlertUnit Unit, bool OfProcess, bool WantsSamples = false, bool UsuallyBelow = false);

/// <summary>Every measure that a rule can watch.</summary>
public static class AlertMeasures
{
    public static readonly IReadOnlyList<AlertMeasureFacts> All =
    [
        new(AlertMeasure.ErrorRate, "error_rate", "Failed requests", AlertUnit.Percent, OfProcess: true, WantsSamples: true),
        new(AlertMeasure.ProcessingTime, "processing_time", "Processing time, p95", AlertUnit.Milliseconds, OfProcess: true, WantsSamples: true),
        new(AlertMeasure.CacheMisses, "cache_misses", "Cache misses", AlertUnit.Percent, OfProcess: true, WantsSamples: true),
        new(AlertMeasure.DatabaseAway, "database_away", "Database away", AlertUnit.Seconds, OfProcess: true),
        new(AlertMeasure.QueueDepth, "queue_depth", "Traces that wait to be stored", AlertUnit.Count, OfProcess: true),
        new(AlertMeasure.EventLag, "event_lag", "Lag of the event log", AlertUnit.Seconds, OfProcess: true),
        new(AlertMeasure.SearchLag, "search_lag", "Lag of the full-text index", AlertUnit.Seconds, OfProcess: true),
        new(AlertMeasure.StreamsOpen, "streams_open", "Open event streams", AlertUnit.Count, OfProcess: true),
        new(AlertMeasure.CircuitsOpen, "circuits_open", "Open pages", AlertUnit.Count, OfProcess: true),
        new(AlertMeasure.RedisAway, "redis_away", "Redis away", AlertUnit.Seconds, OfProcess: true),
        new(AlertMeasure.AcceptanceRate, "acceptance_rate", "Acceptance rate", AlertUnit.Percent, OfProcess: false, WantsSamples: true, UsuallyBelow: true),
        new(AlertMeasure.FailedTraces, "failed_traces", "Traces with an error", AlertUnit.Percent, OfProcess: false, WantsSamples: true),
        new(AlertMeasure.ResponseTime, "response_time", "Response time, p95", AlertUnit.Milliseconds, OfProcess: false, WantsSamples: true),
        new(AlertMeasure.CostPerHour, "cost_per_hour", "Cost per hour", AlertUnit.Dollars, OfProcess: false),
        new(AlertMeasure.TracesPerMinute, "traces_per_minute", "Traces per minute", AlertUnit.Count, OfProcess: false),
        new(AlertMeasure.TokensPerHour, "tokens_per_hour", "Tokens per hour", AlertUnit.Count, OfProcess: false),
    ];

    private static readonly Dictionary<AlertMeasure, AlertMeasureFacts> ByMeasure = All.ToDictionary(facts => facts.Measure);

    /// <summary>Not so for one that only a newer replica knows, which is that one's to follow.</summary>
    public static bool IsKnown(this AlertMeasure measure) => ByMeasure.ContainsKey(measure);

    public static AlertMeasureFacts Facts(this AlertMeasure measure) => ByMeasure[measure];
}
