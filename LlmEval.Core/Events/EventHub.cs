namespace LlmEval.Core.Events;

/// <param name="After">The head: everything up to it is there.</param>
/// <param name="Before">The first of what the hub was handed beyond a gap; null when there is none.</param>
/// <param name="Ids">Those between them, and in the gaps that follow.</param>
public readonly record struct MissingEvents(long After, long? Before, IReadOnlyList<long> Ids);

/// <summary>
/// The tail of the event log in memory, one per process: a ring of encoded events that every reader shares. A reader holds
/// nothing but a position; one that fell out of the ring pages from the log. The hub never waits for a reader.
/// </summary>
public sealed class EventHub : IDisposable
{
    /// <summary>Bounds the ring: at about 1 KB an event, 16 MB. A power of two, so that a slot is a mask away.</summary>
    public const int Capacity = 16_384;

    /// <summary>Bounds it too where events are long: tags may make one 64 KB. The oldest then leave before their place is taken.</summary>
    public const long MostBytes = 64 << 20;

    private readonly LogEvent?[] _ring = new LogEvent?[Capacity];
    private readonly EventSignal _changed;

    private readonly Lock _gate = new();

    // Under the gate: batches that are committed but stand beyond a gap, by first id. Bounded by Capacity events; what does
    // not fit is read back from the log.
    private readonly SortedList<long, IReadOnlyList<LogEvent>> _beyondGap = [];
    private int _beyondGapCount;
    private long _beyondGapBytes;
    private bool _started;
    private int _wakeAsked;

    private readonly TaskCompletionSource _following = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Under the gate: of the events in the ring, and the oldest of them.
    private long _bytes;
    private long _oldest;

    // Written under the gate, read by anybody.
    private long _head;

    public EventHub(TimeProvider time)
    {
        _changed = new EventSignal(time);
    }

    /// <summary>The id of the newest event in the ring; everything up to it can be read without a gap.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>Completes when the hub knows where the log ends; before, <see cref="Head"/> means nothing.</summary>
    public Task Started => _following.Task;

    /// <summary>Completes at the next change after it was read: read it first, then the ring, then wait for it.</summary>
    public Task Changed => _changed.Next;

    /// <summary>How many readers are open.</summary>
    public int Readers => _changed.Waiters;

    /// <summary>Called when the log has events that the hub was not handed: somebody has to read them from the log.</summary>
    public event Action? GapFound;

    /// <summary>Sets the position from which the hub follows the log.</summary>
    /// <param name="tail">The newest events up to there: thousands of readers who come back after a restart find them here, not in the database.</param>
    public void Start(long head, IReadOnlyList<LogEvent>? tail = null)
    {
        lock (_gate)
        {
            if (_started)
            {
                return;
            }

            _started = true;
            if (head > _head)
            {
                bool isWhole = tail is { Count: > 0 } && tail[^1].Id == head && head - tail[0].Id == tail.Count - 1;
                Volatile.Write(ref _head, isWhole ? tail![0].Id - 1 : head);
                Append(isWhole ? tail! : []);
            }

            DropStale();
            AppendWhatFollows();
        }

        _following.TrySetResult();
        _changed.Raise();
    }

    /// <summary>
    /// Takes events that are committed: by a writer in this process or by the tail of the log. Calls may come in any order and
    /// overlap; each event enters the ring once, in the order of ids.
    /// </summary>
    /// <param name="events">With consecutive ids.</param>
    public void Publish(IReadOnlyList<LogEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        bool advanced;
        bool gap;
        lock (_gate)
        {
            long before = _head;
            if (_started && events[0].Id <= _head + 1)
            {
                Append(events);
                AppendWhatFollows();
            }
            else if (_beyondGapCount + events.Count <= Capacity && _beyondGapBytes < MostBytes && _beyondGap.TryAdd(events[0].Id, events))
            {
                _beyondGapCount += events.Count;
                _beyondGapBytes += BytesOf(events);
            }

            advanced = _head > before;
            gap = _started && events[^1].Id > _head;
        }

        if (advanced)
        {
            _changed.RaiseSoon();
        }

        if (gap)
        {
            GapFound?.Invoke();
        }
    }

    /// <summary>Goes on behind events that the log has lost. Readers that wait for them are told when they ask the log.</summary>
    internal void SkipTo(long id)
    {
        lock (_gate)
        {
            if (!_started || id <= _head)
            {
                return;
            }

            // Whoever stands before the hole is told at once, not when the ring has gone round.
            for (int place = 0; place < Capacity; place++)
            {
                Volatile.Write(ref _ring[place], null);
            }

            (_bytes, _oldest) = (0, id + 1);
            Volatile.Write(ref _head, id);
            DropStale();
            AppendWhatFollows();
        }

        _changed.Raise();
    }

    /// <summary>What the hub waits for.</summary>
    /// <param name="most">How many ids of gaps to name, the lowest first.</param>
    public MissingEvents Missing(int most)
    {
        lock (_gate)
        {
            var ids = new List<long>();
            long next = _head + 1;
            foreach ((long first, IReadOnlyList<LogEvent> events) in _beyondGap)
            {
                for (; next < first && ids.Count < most; next++)
                {
                    ids.Add(next);
                }

                next = Math.Max(next, events[^1].Id + 1);
            }

            return new MissingEvents(_head, _beyondGap.Count == 0 ? null : _beyondGap.GetKeyAtIndex(0), ids);
        }
    }

    /// <summary>Whether the ring has all that came after an event, up to its head.</summary>
    public bool HasAllAfter(long id) => id == Head || (id < Head && TryGet(id + 1, out _));

    /// <summary>Finds an event in the ring.</summary>
    /// <returns>False when it is not there any more (or not yet).</returns>
    internal bool TryGet(long id, out LogEvent found)
    {
        found = Volatile.Read(ref _ring[id & (Capacity - 1)])!;
        return found is not null && found.Id == id;
    }

    /// <summary>Wakes every reader without an event: a heartbeat is due, or the process is stopping.</summary>
    public void WakeAll() => _changed.Raise();

    /// <summary>Wakes every reader because one of them has to end. Asked for by many at once, it is done about once.</summary>
    public void WakeToEnd()
    {
        if (Interlocked.Exchange(ref _wakeAsked, 1) == 0)
        {
            // Through the queue of the pool: behind those already woken, so that a thousand that leave together do not wake each other a thousand times.
            ThreadPool.UnsafeQueueUserWorkItem(
                static hub =>
                {
                    Volatile.Write(ref hub._wakeAsked, 0);
                    hub.WakeAll();
                },
                this,
                preferLocal: false);
        }
    }

    internal IDisposable Enter() => _changed.Enter();

    private void Append(IReadOnlyList<LogEvent> events)
    {
        foreach (LogEvent e in events)
        {
            if (e.Id <= _head)
            {
                continue;
            }

            ref LogEvent? place = ref _ring[e.Id & (Capacity - 1)];
            _bytes += e.Frame.Length - (place?.Frame.Length ?? 0);
            Volatile.Write(ref place, e);
            Volatile.Write(ref _head, e.Id);
            DropOldest();
        }
    }

    private void DropOldest()
    {
        _oldest = Math.Max(_oldest, _head - Capacity + 1);
        for (; _bytes > MostBytes && _oldest < _head; _oldest++)
        {
            ref LogEvent? place = ref _ring[_oldest & (Capacity - 1)];
            if (place is { } dropped && dropped.Id == _oldest)
            {
                _bytes -= dropped.Frame.Length;
                Volatile.Write(ref place, null);
            }
        }
    }

    private void AppendWhatFollows()
    {
        while (_started && _beyondGap.Count > 0 && _beyondGap.GetKeyAtIndex(0) <= _head + 1)
        {
            IReadOnlyList<LogEvent> next = _beyondGap.GetValueAtIndex(0);
            _beyondGap.RemoveAt(0);
            _beyondGapCount -= next.Count;
            _beyondGapBytes -= BytesOf(next);
            Append(next);
        }
    }

    private void DropStale()
    {
        while (_beyondGap.Count > 0 && _beyondGap.GetValueAtIndex(0)[^1].Id <= _head)
        {
            _beyondGapCount -= _beyondGap.GetValueAtIndex(0).Count;
            _beyondGapBytes -= BytesOf(_beyondGap.GetValueAtIndex(0));
            _beyondGap.RemoveAt(0);
        }
    }

    private static long BytesOf(IReadOnlyList<LogEvent> events) => events.Sum(e => (long)e.Frame.Length);

    public void Dispose() => _changed.Dispose();
}
