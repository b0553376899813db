using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Ingestion;

/// <summary>A trace that was parsed and keeps every rule, on its way to the database.</summary>
/// <param name="Trace">With defaults filled in; <see cref="Trace.Id"/> is not set yet.</param>
/// <param name="Bytes">Its size in the request, in bytes: what it takes of the intake.</param>
public sealed record NewTrace(Trace Trace, int Bytes)
{
    /// <summary>The verdicts that an export carried and an import with the right to do so brings back; oldest first.</summary>
    public IReadOnlyList<RestoredEvaluation> History { get; init; } = [];
}

/// <summary>A verdict as an export carried it.</summary>
public sealed record RestoredEvaluation(
    EvaluationStatus Status,
    EvaluationStatus PreviousStatus,
    int Version,
    DateTime CreatedAt,
    string? Evaluator,
    string? Reason,
    string? Notes,
    string[]? Tags,
    string? CorrectedResponse,
    int? Undoes);
