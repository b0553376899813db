using System.Diagnostics.Metrics;
using LlmEval.Core.Primitives;

namespace LlmEval.Core.Ingestion;

/// <summary>What became of a request to a webhook or of an import.</summary>
public enum WebhookOutcome : byte
{
    Ok,
    Malformed,
    Unauthorized,
    Conflict,
    TooLarge,
    Unsupported,
    Invalid,
    TooMany,
    Full,
    Unavailable,
    Abandoned,
    Failed,
}

/// <summary>Counts the requests to the webhooks by what became of them.</summary>
public sealed class WebhookMetrics
{
    private readonly long[] _requests = new long[Enum.GetValues<WebhookOutcome>().Length];

    public WebhookMetrics(IMeterFactory meters)
    {
        // Observed, not recorded: a request costs one addition, whoever listens.
        meters.CreateLlmEval().CreateObservableCounter(
            "llmeval.webhook.requests", Observe, unit: "{request}", description: "Requests to the webhooks and imports, by outcome.");
    }

    /// <summary>How the outcomes are called in instruments, answers and pages.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "ok", "malformed", "unauthorized", "conflict", "too_large", "unsupported", "invalid", "too_many", "full", "unavailable", "abandoned",
        "failed",
    ];

    public void Count(WebhookOutcome outcome) => Interlocked.Increment(ref _requests[(int)outcome]);

    /// <summary>Since the start, by outcome.</summary>
    internal long[] Read() => Array.ConvertAll(_requests, count => count);

    private IEnumerable<Measurement<long>> Observe() =>
        Read().Select((count, i) => new Measurement<long>(count, new KeyValuePair<string, object?>("outcome", Names[i])));
}
