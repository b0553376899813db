using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

/// <summary>The traces that somebody picked from the list, each as it was seen then.</summary>
public sealed class TraceSelection
{
    public const int Most = 1_000;

    private readonly Dictionary<string, Picked> _picked = [];

    public int Count => _picked.Count;

    /// <summary>There is no room for another.</summary>
    public bool IsFull => Count >= Most;

    public IReadOnlyCollection<string> TraceIds => _picked.Keys;

    public IReadOnlyList<(string TraceId, int Version)> All => [.. _picked.Select(p => (p.Key, p.Value.Version))];

    public bool Contains(string traceId) => _picked.ContainsKey(traceId);

    public void Toggle(TraceSummary trace)
    {
        if (!_picked.Remove(trace.TraceId))
        {
            Add([trace]);
        }
    }

    public void Add(IEnumerable<TraceSummary> traces)
    {
        foreach (TraceSummary trace in traces.Where(t => !Contains(t.TraceId)).Take(Most - Count))
        {
            _picked.Add(trace.TraceId, new Picked(trace.Version, trace.Status));
        }
    }

    /// <summary>
    /// A row that changed counts as it stands now, unless somebody judged it meanwhile: the row may be far from what the reader looks
    /// at, and their verdict must not take the place of one that they have not seen.
    /// </summary>
    public void See(IEnumerable<TraceSummary> rows)
    {
        if (Count == 0)
        {
            return;
        }

        foreach (TraceSummary row in rows)
        {
            if (_picked.TryGetValue(row.TraceId, out Picked? picked) && row.Version > picked.Version && (picked.Status ?? row.Status) == row.Status)
            {
                _picked[row.TraceId] = new Picked(row.Version, row.Status);
            }
        }
    }

    /// <summary>The reader was told that somebody changed it. As it is seen next, it may be judged.</summary>
    public void Tell(string traceId)
    {
        if (_picked.TryGetValue(traceId, out Picked? picked))
        {
            _picked[traceId] = picked with { Status = null };
        }
    }

    public void Remove(string traceId) => _picked.Remove(traceId);

    public void Clear() => _picked.Clear();

    /// <param name="Status">Null when whatever stands now will do.</param>
    private sealed record Picked(int Version, EvaluationStatus? Status);
}
