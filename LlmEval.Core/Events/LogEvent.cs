using System.Text;
using LlmEval.Core.Primitives;

namespace LlmEval.Core.Events;

/// <summary>The three channels of the event log. The numbers are stored: never renumber.</summary>
public enum EventChannel : byte
{
    TraceUpdates = 0,
    EvaluationUpdates = 1,
    SystemUpdates = 2,
}

/// <summary>What happened. The numbers are stored: never renumber.</summary>
public enum EventAction : byte
{
    NewTrace = 0,
    UpdatedTrace = 1,
    DeletedTrace = 2,
    Evaluated = 3,
    System = 4,

    /// <summary>Many traces went at once. The event does not name them.</summary>
    SweptTraces = 5,
}

/// <summary>
/// An event before it has its number: what a writer hands to the transaction that changes the data.
/// </summary>
/// <param name="Payload">The whole envelope as JSON, UTF-8: <c>{"event":…,"data":…,"timestamp":…}</c>, one line. Nobody changes it.</param>
/// <param name="PreviousStatus">On evaluation events, where the trace stood before.</param>
public sealed record PendingEvent(
    int ProjectId,
    EventAction Action,
    string TraceId,
    string ModelName,
    EvaluationStatus Status,
    EvaluationStatus? PreviousStatus,
    byte[] Payload)
{
    /// <summary>The payload as it is stored.</summary>
    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>Of a kind that only a newer replica knows it is no caller's.</summary>
    public static EventChannel ChannelOf(EventAction action) => action switch
    {
        EventAction.NewTrace or EventAction.UpdatedTrace or EventAction.DeletedTrace => EventChannel.TraceUpdates,
        EventAction.Evaluated => EventChannel.EvaluationUpdates,
        _ => EventChannel.SystemUpdates,
    };
}

/// <summary>
/// An event of the log: numbered, encoded, and carrying the state that filters test. Shared by all readers, for whom it never changes.
/// </summary>
/// <param name="Id">Grows by exactly one in commit order over all replicas.</param>
/// <param name="Frame">The complete Server-Sent Events frame, UTF-8: <c>id:</c> line, <c>data:</c> line, blank line.</param>
public sealed record LogEvent(
    long Id,
    int ProjectId,
    EventAction Action,
    string TraceId,
    string ModelName,
    EvaluationStatus Status,
    EvaluationStatus? PreviousStatus,
    ReadOnlyMemory<byte> Frame)
{
    /// <summary>Stands in place of a project in events about the server itself.</summary>
    public const int OfServer = 0;

    public EventChannel Channel => PendingEvent.ChannelOf(Action);

    /// <summary>The trace that it names is no longer as it was.</summary>
    public bool ChangesATrace => Action is EventAction.UpdatedTrace or EventAction.DeletedTrace or EventAction.Evaluated;

    /// <summary>A newer replica may log kinds that this one does not know.</summary>
    public bool IsKnown => Action <= EventAction.SweptTraces;

    /// <summary>Traces that it does not name are gone; or who knows what has happened to which.</summary>
    public bool ChangesAnyTrace => Action == EventAction.SweptTraces || !IsKnown;

    /// <summary>What somebody read from the payload, for the next. It goes with the event: kept elsewhere, it would keep the memory of the whole commit.</summary>
    internal object? Read { get; set; }

    /// <summary>The envelope's JSON within <see cref="Frame"/>.</summary>
    public ReadOnlyMemory<byte> Payload => EventFrame.PayloadOf(Frame);
}
