using System.ComponentModel;

namespace LlmEval.Core.Traces;

/// <summary>A trace with its history of verdicts. Cached and shared between requests: treat it as unchangeable.</summary>
/// <param name="History">Oldest first.</param>
[ImmutableObject(true)]
public sealed record TraceDetail(Trace Trace, IReadOnlyList<Evaluation> History)
{
    /// <summary>The verdict that stands; null when nobody has said anything.</summary>
    public Evaluation? Last => History.Count == 0 ? null : History[^1];

    /// <summary>What was said and not taken back, oldest first: the last of it is what can be taken back next.</summary>
    public IReadOnlyList<Evaluation> Standing()
    {
        var standing = new List<Evaluation>();
        foreach (Evaluation entry in History)
        {
            int undone = entry.Undoes is { } version ? standing.FindLastIndex(said => said.Version == version) : -1;
            if (undone >= 0)
            {
                standing.RemoveAt(undone);
            }
            else
            {
                standing.Add(entry);
            }
        }

        return standing;
    }
}
