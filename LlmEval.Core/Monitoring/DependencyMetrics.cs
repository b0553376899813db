using System.Diagnostics.Metrics;
using LlmEval.Core.Primitives;

namespace LlmEval.Core.Monitoring;

/// <summary>Instruments of what the process depends on, and of how far it is behind.</summary>
internal static class DependencyMetrics
{
    public static void AddTo(IMeterFactory meters, Func<Dependencies> found)
    {
        Meter meter = meters.CreateLlmEval();
        meter.CreateObservableGauge("llmeval.database.up", () => found().DatabaseUp ? 1 : 0, description: "Whether the database answers: 1 or 0.");
        meter.CreateObservableGauge("llmeval.redis.up", () => Redis(found()), description: "Whether Redis is connected: 1 or 0; absent when none is configured.");
        meter.CreateObservableGauge(
            "llmeval.events.behind", () => found().EventsBehind, unit: "{event}", description: "Events in the log that this replica does not have yet.");
        meter.CreateObservableGauge(
            "llmeval.events.lag", () => found().EventLag.TotalSeconds, unit: "s", description: "The age of the first event that this replica does not have yet.");
        meter.CreateObservableGauge(
            "llmeval.search.behind", () => found().Search?.EventsBehind ?? 0, unit: "{event}", description: "Events that the full-text index has yet to take in.");
        meter.CreateObservableGauge(
            "llmeval.search.lag", () => found().Search?.Behind.TotalSeconds ?? 0, unit: "s", description: "The age of the first event that the full-text index has yet to take in.");
    }

    private static IEnumerable<Measurement<int>> Redis(Dependencies found) =>
        found.RedisUp is { } up ? [new Measurement<int>(up ? 1 : 0)] : [];
}
