using LlmEval.Core.Primitives;

namespace LlmEval.Core.Review;

/// <summary>What somebody says of a trace.</summary>
public sealed record Verdict(string TraceId, EvaluationStatus Status)
{
    public string? Reason { get; init; }
    public string? Notes { get; init; }
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The ideal answer.</summary>
    public string? CorrectedResponse { get; init; }

    public string? Evaluator { get; init; }

    /// <summary>The version that was looked at; null judges the trace as it stands.</summary>
    public int? ExpectedVersion { get; init; }
}
