namespace LlmEval.Core.Caching;

/// <summary>
/// Which keys changed at which event: what decides whether a cached state is still good. It keeps the latest changes; of those
/// before, it only knows that they were, and calls every state older than that stale.
/// </summary>
/// <remarks>
/// Deciding by position rather than by removing entries leaves nothing to races or to Redis: a state that was read before a
/// change and stored after it, here or by another replica, carries the older position and is never used.
/// </remarks>
internal sealed class RecentChanges(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _changedAt = new(StringComparer.Ordinal);
    private readonly Queue<(string Key, long EventId)> _byAge = new();
    private long? _floor;
    private long _dropped;

    public bool IsStarted
    {
        get
        {
            lock (_gate)
            {
                return _floor is not null;
            }
        }
    }

    /// <summary>From here on every change is told; states from before are stale. Until the first call all are.</summary>
    public void StartAt(long position)
    {
        lock (_gate)
        {
            _floor = Math.Max(position, _dropped);
        }
    }

    public void Add(string key, long eventId)
    {
        lock (_gate)
        {
            if (_changedAt.TryGetValue(key, out long known) && known >= eventId)
            {
                return;
            }

            _changedAt[key] = eventId;
            _byAge.Enqueue((key, eventId));
            while (_byAge.Count > capacity)
            {
                Drop(_byAge.Dequeue());
            }
        }
    }

    /// <summary>Any key may have changed at this event: what was read before it is stale.</summary>
    public void AddAll(long eventId)
    {
        lock (_gate)
        {
            Forget(eventId);
        }
    }

    /// <summary>Whether a cached state may be used.</summary>
    /// <param name="position">Of the log, at which the state was read.</param>
    public bool IsCurrent(string key, long position)
    {
        lock (_gate)
        {
            return _floor is { } floor && position >= floor && !HasChangedSince(key, position);
        }
    }

    /// <summary>Whether a state that was read just now may lack a change that is known.</summary>
    public bool MayLackAChange(string key, long position)
    {
        lock (_gate)
        {
            return position < _dropped || HasChangedSince(key, position);
        }
    }

    private bool HasChangedSince(string key, long position) => _changedAt.TryGetValue(key, out long changed) && changed > position;

    private void Drop((string Key, long EventId) oldest)
    {
        if (_changedAt.TryGetValue(oldest.Key, out long latest) && latest == oldest.EventId)
        {
            _changedAt.Remove(oldest.Key);
        }

        Forget(oldest.EventId);
    }

    private void Forget(long eventId)
    {
        _dropped = Math.Max(_dropped, eventId);
        if (_floor is { } floor)
        {
            _floor = Math.Max(floor, _dropped);
        }
    }
}
