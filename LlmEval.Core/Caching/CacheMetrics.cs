using System.Diagnostics.Metrics;
using LlmEval.Core.Primitives;

namespace LlmEval.Core.Caching;

/// <summary>What the cache did since the start.</summary>
public sealed class CacheMetrics
{
    private long _hits;
    private long _misses;
    private long _faults;

    public CacheMetrics(IMeterFactory meters)
    {
        Meter meter = meters.CreateLlmEval();
        meter.CreateObservableCounter("llmeval.cache.hits", () => Hits, unit: "{read}", description: "Reads answered from the cache.");
        meter.CreateObservableCounter("llmeval.cache.misses", () => Misses, unit: "{read}", description: "Reads that went to the database.");
        meter.CreateObservableCounter(
            "llmeval.cache.redis_faults", () => RedisFaults, unit: "{call}", description: "Calls to Redis that failed or took too long.");
    }

    public long Hits => Volatile.Read(ref _hits);

    public long Misses => Volatile.Read(ref _misses);

    /// <summary>Calls to Redis that failed or took too long; nobody else notices them.</summary>
    public long RedisFaults => Volatile.Read(ref _faults);

    internal void Hit() => Interlocked.Increment(ref _hits);

    internal void Miss() => Interlocked.Increment(ref _misses);

    internal void RedisFault() => Interlocked.Increment(ref _faults);
}
