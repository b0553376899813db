using LlmEval.Core.Events;

namespace LlmEval.Core.Traces;

/// <summary>Reads the trace that an event carries once for all who show it: hundreds of pages may follow the same events.</summary>
public static class EventSummaries
{
    // A place for each event by its number, a power of two of them, and twice as many as a page takes at once: else each page would
    // push out what the next one begins with. What was pushed out is read again.
    private static readonly Entry?[] Recent = new Entry?[4_096];

    /// <summary>Null on events that carry none.</summary>
    public static TraceSummary? Of(LogEvent e)
    {
        ref Entry? place = ref Recent[e.Id & (Recent.Length - 1)];
        if (Volatile.Read(ref place) is { } known && ReferenceEquals(known.Event, e))
        {
            return known.Summary;
        }

        var read = new Entry(e, TraceEvents.ReadSummary(e.Payload));
        Volatile.Write(ref place, read);
        return read.Summary;
    }

    private sealed record Entry(LogEvent Event, TraceSummary? Summary);
}
