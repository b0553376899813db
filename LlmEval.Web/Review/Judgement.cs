using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Review;

/// <summary>What a reviewer says of a trace on a page.</summary>
public sealed record Judgement(string TraceId, EvaluationStatus Status)
{
    public string? Reason { get; init; }
    public string? Notes { get; init; }
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The ideal answer; null when the given one was left as it is.</summary>
    public string? CorrectedResponse { get; init; }
}

/// <summary>A judgement with the state of its trace that the reviewer had before them: it holds for no other.</summary>
public sealed record GivenJudgement(TraceDetail Seen, Judgement Mine);

/// <summary>A verdict that could not be saved as it was given. Nothing of it is lost.</summary>
/// <param name="Seen">What the reviewer had before them.</param>
/// <param name="Theirs">On a conflict, how the trace stands now.</param>
/// <param name="Message">Else, what went wrong.</param>
public sealed record Trouble(TraceDetail Seen, Judgement Mine, TraceDetail? Theirs, string? Message);
