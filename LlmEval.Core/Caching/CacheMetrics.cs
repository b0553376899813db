using System.Diagnostics.Metrics;

namespace LlmEval.Core.Caching;

/// <summary>What the cache did, as instruments and as totals since the start.</summary>
public sealed class CacheMetrics
{
    public const string MeterName = "LlmEval.Cache";

    private readonly Counter<long> _hitCounter;
    private readonly Counter<long> _missCounter;
    private readonly Counter<long> _faultCounter;
    private long _hits;
    private long _misses;
    private long _faults;

    public CacheMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        _hitCounter = meter.CreateCounter<long>("llmeval.cache.hits", description: "Reads answered from the cache.");
        _missCounter = meter.CreateCounter<long>("llmeval.cache.misses", description: "Reads that went to the database.");
        _faultCounter = meter.CreateCounter<long>("llmeval.cache.redis_faults", description: "Calls to Redis that failed or took too long.");
    }

    public long Hits => Volatile.Read(ref _hits);

    public long Misses => Volatile.Read(ref _misses);

    /// <summary>Calls to Redis that failed or took too long; nobody else notices them.</summary>
    public long RedisFaults => Volatile.Read(ref _faults);

    /// <summary>The share of reads that were hits, 0 to 1; null before the first read.</summary>
    public double? HitRate
    {
        get
        {
            long hits = Hits;
            long all = hits + Misses;
            return all == 0 ? null : (double)hits / all;
        }
    }

    internal void Hit()
    {
        Interlocked.Increment(ref _hits);
        _hitCounter.Add(1);
    }

    internal void Miss()
    {
        Interlocked.Increment(ref _misses);
        _missCounter.Add(1);
    }

    internal void RedisFault()
    {
        Interlocked.Increment(ref _faults);
        _faultCounter.Add(1);
    }
}
