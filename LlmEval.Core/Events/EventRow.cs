using LlmEval.Core.Primitives;

namespace LlmEval.Core.Events;

/// <summary>An event as the database keeps it.</summary>
public sealed class EventRow
{
    public long Id { get; set; }
    public int ProjectId { get; set; }
    public EventAction Action { get; set; }
    public DateTime CreatedAt { get; set; }
    public required string TraceId { get; set; }
    public required string ModelName { get; set; }
    public EvaluationStatus Status { get; set; }
    public EvaluationStatus? PreviousStatus { get; set; }

    /// <summary>The envelope as JSON text.</summary>
    public required string Payload { get; set; }
}

/// <summary>
/// The counter that numbers events: one row, updated last in every transaction that writes events and locked until it commits.
/// </summary>
public sealed class EventHead
{
    public int Id { get; set; }
    public long LastId { get; set; }
}
