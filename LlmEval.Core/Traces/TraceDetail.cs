using System.ComponentModel;

namespace LlmEval.Core.Traces;

/// <summary>A trace with its history of verdicts. Cached and shared between requests: treat it as unchangeable.</summary>
/// <param name="History">Oldest first.</param>
[ImmutableObject(true)]
public sealed record TraceDetail(Trace Trace, IReadOnlyList<Evaluation> History)
{
    /// <summary>The verdict that stands; null when nobody has said anything.</summary>
    public Evaluation? Last => History.Count == 0 ? null : History[^1];
}
