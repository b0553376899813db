using LlmEval.Core.Primitives;

namespace LlmEval.Core.Traces;

/// <summary>One entry of a trace's history of verdicts. Entries are only ever added.</summary>
public sealed class Evaluation
{
    public long Id { get; set; }
    public int ProjectId { get; set; }
    public required string TraceId { get; set; }
    public EvaluationStatus Status { get; set; }
    public EvaluationStatus PreviousStatus { get; set; }

    /// <summary>The version that the trace got by it.</summary>
    public int Version { get; set; }

    public DateTime CreatedAt { get; set; }
    public string? Evaluator { get; set; }
    public string? Reason { get; set; }
    public string? Notes { get; set; }
    public string[]? Tags { get; set; }

    /// <summary>The ideal answer, as the reviewer would have had it.</summary>
    public string? CorrectedResponse { get; set; }

    /// <summary>The version of the entry that this one takes back; null on what somebody says.</summary>
    public int? Undoes { get; set; }
}
