using LlmEval.Core.Events;

namespace LlmEval.Core.Traces;

/// <summary>Reads the trace that an event carries once for all who show it: hundreds of pages may follow the same events.</summary>
public static class EventSummaries
{
    /// <summary>Null on events that carry none.</summary>
    public static TraceSummary? Of(LogEvent e)
    {
        if (e.Read is not Summary read)
        {
            // Two who come at once both read it, and either may stay.
            e.Read = read = new Summary(TraceEvents.ReadSummary(e.Payload));
        }

        return read.Trace;
    }

    private sealed record Summary(TraceSummary? Trace);
}
