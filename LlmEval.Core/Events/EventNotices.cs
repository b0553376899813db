using LlmEval.Core.Primitives;

namespace LlmEval.Core.Events;

/// <summary>
/// What streams have to hear although it cannot be written to the log now. It has no id and is not replayed: whoever is there gets
/// it, and it is logged later.
/// </summary>
public sealed class EventNotices(EventHub hub)
{
    private const int Kept = 100;

    private readonly Lock _lock = new();
    private readonly Queue<(long Number, LogEvent Notice)> _notices = new(Kept);
    private readonly Signal _changed = new();
    private long _last;

    /// <summary>The number of the last one.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Completes with the next one. Take it before reading.</summary>
    public Task Changed => _changed.Next;

    public void Publish(PendingEvent e)
    {
        var notice = new LogEvent(
            0, e.ProjectId, e.Action, e.TraceId, e.ModelName, e.Status, e.PreviousStatus, EventFrame.Encode(0, e.Payload));
        lock (_lock)
        {
            if (_notices.Count == Kept)
            {
                _notices.Dequeue();
            }

            _notices.Enqueue((_last + 1, notice));
            Volatile.Write(ref _last, _last + 1);
        }

        _changed.Raise();
        hub.WakeAll();
    }

    /// <summary>Those after a number, up to another, that pass a filter, oldest first.</summary>
    public IReadOnlyList<LogEvent> Between(long after, long last, EventFilter filter)
    {
        lock (_lock)
        {
            return [.. _notices.Where(entry => entry.Number > after && entry.Number <= last && filter.Takes(entry.Notice)).Select(entry => entry.Notice)];
        }
    }
}
