namespace LlmEval.Core.Events;

/// <summary>Opens readers of the event log.</summary>
public sealed class EventFeed(EventHub hub, EventLog log)
{
    /// <summary>Reads on from now.</summary>
    public EventReader OpenLive(EventFilter filter) => new(hub, log, filter, hub.Head);

    /// <summary>Reads on after an event that the reader already has; events older than the ring come from the log.</summary>
    public EventReader OpenAfter(long position, EventFilter filter) => new(hub, log, filter, position);
}
