namespace LlmEval.Core.Events;

/// <summary>What a reader met.</summary>
public enum EventRead
{
    /// <summary>Everything up to the hub's head was read; wait for <see cref="EventHub.Changed"/>.</summary>
    CaughtUp,

    /// <summary>There is more: read again.</summary>
    More,

    /// <summary>The log no longer holds what comes next; the reader now stands where the log begins.</summary>
    Lost,
}

/// <summary>
/// One reader of the event log: a position and a filter. It costs no memory per event and never misses or repeats one. For one
/// consumer at a time.
/// </summary>
public sealed class EventReader : IDisposable
{
    /// <summary>How many ids one call looks at: what a filtered reader may scan before others get their turn.</summary>
    private const int RingScan = 1_024;

    private const int LogPage = 100;

    /// <summary>Of frames in such a page. A reader may take its time with them, and thousands may come back at once.</summary>
    private const long LogPageBytes = 64 << 10;

    private readonly EventHub _hub;
    private readonly EventLog _log;
    private readonly EventFilter _filter;
    private readonly IDisposable _entered;

    internal EventReader(EventHub hub, EventLog log, EventFilter filter, long position)
    {
        _hub = hub;
        _log = log;
        _filter = filter;
        _entered = hub.Enter();
        Position = position;
    }

    /// <summary>Every event up to this id was read or filtered out.</summary>
    public long Position { get; private set; }

    /// <summary>Completes at the next change. Take it before <see cref="ReadAsync"/>, await it after.</summary>
    public Task Changed => _hub.Changed;

    /// <summary>Adds the next events that pass the filter.</summary>
    /// <param name="into">Emptied first.</param>
    public async ValueTask<EventRead> ReadAsync(List<LogEvent> into, CancellationToken cancel)
    {
        into.Clear();
        long head = _hub.Head;
        long until = Math.Min(head, Position + RingScan);
        while (Position < until)
        {
            if (!_hub.TryGet(Position + 1, out LogEvent next))
            {
                // What was read so far goes out first; the rest then comes from the log.
                return into.Count > 0 ? EventRead.More : await ReadLogAsync(into, cancel);
            }

            Position++;
            if (_filter.Takes(next))
            {
                into.Add(next);
            }
        }

        return Position < head ? EventRead.More : EventRead.CaughtUp;
    }

    private async ValueTask<EventRead> ReadLogAsync(List<LogEvent> into, CancellationToken cancel)
    {
        IReadOnlyList<LogEvent> page = await _log.ReplayAsync(Position, LogPage, LogPageBytes, cancel);
        if (page.Count == 0 || page[0].Id != Position + 1)
        {
            // Goes on at what is kept; where nothing is, as in a database that was set back, at the hub's end. Staying here would be lost for ever.
            Position = page.Count > 0 ? page[0].Id - 1 : Math.Max(Position, _hub.Head);
            return EventRead.Lost;
        }

        foreach (LogEvent e in page)
        {
            if (e.Id != Position + 1)
            {
                // A hole within the page: the next call meets it, and says so.
                break;
            }

            Position = e.Id;
            if (_filter.Takes(e))
            {
                into.Add(e);
            }
        }

        return EventRead.More;
    }

    public void Dispose() => _entered.Dispose();
}
