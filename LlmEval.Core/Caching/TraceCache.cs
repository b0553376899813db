using LlmEval.Core.Events;
using LlmEval.Core.Traces;
using Microsoft.Extensions.Caching.Hybrid;

namespace LlmEval.Core.Caching;

/// <summary>
/// Traces with their history, in memory and, when configured, in Redis. What it gives is never older than the events that this
/// replica has seen, and never older than a change that this replica made.
/// </summary>
public sealed class TraceCache
{
    /// <summary>Larger ones are read from the database each time.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>How many changes are remembered. With ten times as many in the life of an entry, entries only live shorter.</summary>
    private const int ChangesKept = 20_000;

    /// <summary>How many events a look may go through; further behind, the loop is in trouble and nothing is taken from the cache.</summary>
    private const int LooksThrough = 256;

    /// <summary>A trace that changes faster than it is read is simply read.</summary>
    private const int Attempts = 2;

    private const HybridCacheEntryFlags Nowhere = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableDistributedCache;

    private static readonly HybridCacheEntryOptions LookOnly = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
    private static readonly HybridCacheEntryOptions LookHereOnly = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData | HybridCacheEntryFlags.DisableDistributedCache };
    private static readonly HybridCacheEntryOptions LoadOnly = new() { Flags = Nowhere };

    private readonly HybridCache _cache;
    private readonly TraceDetailQueries _queries;
    private readonly EventHub _hub;
    private readonly CacheKeys _keys;
    private readonly CacheMetrics _metrics;
    private readonly RecentChanges _changes = new(ChangesKept);

    // The loop is one reader of the log among many: those who were woken before it must not be given what it would have called stale.
    private long _toldUpTo;

    internal TraceCache(HybridCache cache, TraceDetailQueries queries, EventHub hub, CacheKeys keys, CacheMetrics metrics)
    {
        _cache = cache;
        _queries = queries;
        _hub = hub;
        _keys = keys;
        _metrics = metrics;
    }

    public async ValueTask<TraceDetail?> GetAsync(int projectId, string traceId, CancellationToken cancel)
    {
        string key = _keys.Trace(projectId, traceId);
        CachedTrace? found = await LookAsync(key, cancel);

        // In this order: what the loop tells of between the two is not looked through here, but is known there.
        if (found is not null && HasNoLaterChange(projectId, traceId, found.Position) && IsCurrent(key, found))
        {
            _metrics.Hit();
            return found.Detail;
        }

        _metrics.Miss();
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            // Callers that ask for one trace at one time share one read; who joins it late may know of a change that it lacks.
            var load = new Load(this, key, projectId, traceId);
            found = await _cache.GetOrCreateAsync(key, load, static (load, cancel) => load.RunAsync(cancel), LoadOnly, cancellationToken: cancel);
            if (load.Ran || (found is not null && !_changes.MayLackAChange(key, found.Position)))
            {
                return found?.Detail;
            }
        }

        return await _queries.FindAsync(projectId, traceId, cancel);
    }

    /// <summary>Says that a trace changed: from here on nothing older is given out.</summary>
    public void Changed(int projectId, string traceId, long eventId) => _changes.Add(_keys.Trace(projectId, traceId), eventId);

    /// <summary>Any trace of any project may have gone: from here on nothing older is given out.</summary>
    internal void ChangedAll(long eventId) => _changes.AddAll(eventId);

    /// <summary>Says that all changes up to this event have been told.</summary>
    internal void ToldUpTo(long eventId) => Volatile.Write(ref _toldUpTo, eventId);

    /// <summary>Whether entries are of any use yet.</summary>
    internal bool IsFollowing => _changes.IsStarted;

    /// <summary>Says from where on <see cref="Changed"/> is called for every change: states from before are not used.</summary>
    internal void FollowsFrom(long position) => _changes.StartAt(position);

    /// <summary>Takes an entry out of memory and Redis that an event made stale. Nothing depends on it.</summary>
    internal async ValueTask EvictAsync(LogEvent e, CancellationToken cancel)
    {
        string key = _keys.Trace(e.ProjectId, e.TraceId);
        CachedTrace? here = await _cache.GetOrCreateAsync<CachedTrace?>(key, static _ => default, LookHereOnly, cancellationToken: cancel);

        // Somebody may have read it anew before its turn came.
        if (here is null || here.Position < e.Id)
        {
            await _cache.RemoveAsync(key, cancel);
        }
    }

    private ValueTask<CachedTrace?> LookAsync(string key, CancellationToken cancel) =>
        _cache.GetOrCreateAsync<CachedTrace?>(key, static _ => default, LookOnly, cancellationToken: cancel);

    private bool IsCurrent(string key, CachedTrace found) =>
        // A position beyond the log is from a database that was set back since.
        found.Position <= _hub.Head && _changes.IsCurrent(key, found.Position);

    /// <summary>Looks itself through the few events that the hub has, the loop has not told of yet, and a state does not hold.</summary>
    private bool HasNoLaterChange(int projectId, string traceId, long position)
    {
        long known = Math.Max(Volatile.Read(ref _toldUpTo), position);
        long head = _hub.Head;
        if (head - known > LooksThrough)
        {
            return false;
        }

        for (long id = known + 1; id <= head; id++)
        {
            if (!_hub.TryGet(id, out LogEvent e) || e.ChangesAnyTrace || (e.ChangesATrace && e.ProjectId == projectId && e.TraceId == traceId))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Memory has it when this returns; nobody waits for Redis.</summary>
    private async Task StoreAsync(string key, CachedTrace loaded)
    {
        try
        {
            await _cache.SetAsync(key, loaded);
        }
        catch (InvalidOperationException)
        {
            // Larger than it looked.
        }
    }

    private static long Size(TraceDetail detail)
    {
        Trace t = detail.Trace;
        long size = Length(t.UserQuery) + Length(t.AiResponse) + Length(t.SystemPrompt) + Length(t.FunctionsCalled) + Length(t.Metadata) + Length(t.Error);
        foreach (Evaluation e in detail.History)
        {
            size += Length(e.Notes) + Length(e.CorrectedResponse) + Length(e.Reason);
        }

        return size;
    }

    private static long Length(string? text) => text?.Length ?? 0;

    /// <summary>One read from the database, for everybody who asks meanwhile.</summary>
    private sealed class Load(TraceCache cache, string key, int projectId, string traceId)
    {
        /// <summary>False for those who joined the read of another.</summary>
        public bool Ran { get; private set; }

        public async ValueTask<CachedTrace?> RunAsync(CancellationToken cancel)
        {
            Ran = true;

            // Before the read: what the hub knows by now is committed, so the read sees it.
            long position = cache._hub.Head;
            TraceDetail? detail = await cache._queries.FindAsync(projectId, traceId, cancel);
            if (detail is null)
            {
                return null;
            }

            var loaded = new CachedTrace(position, detail);
            if (Size(detail) <= MaxBytes)
            {
                _ = cache.StoreAsync(key, loaded);
            }

            return loaded;
        }
    }
}
