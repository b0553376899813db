using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

/// <summary>The traces that somebody picked from the list, each at the version that was seen then.</summary>
public sealed class TraceSelection
{
    public const int Most = 1_000;

    private readonly Dictionary<string, int> _versions = [];

    public int Count => _versions.Count;

    /// <summary>There is no room for another.</summary>
    public bool IsFull => Count >= Most;

    public IReadOnlyCollection<string> TraceIds => _versions.Keys;

    public IReadOnlyList<(string TraceId, int Version)> All => [.. _versions.Select(v => (v.Key, v.Value))];

    public bool Contains(string traceId) => _versions.ContainsKey(traceId);

    public void Toggle(TraceSummary trace)
    {
        if (!_versions.Remove(trace.TraceId))
        {
            Add([trace]);
        }
    }

    public void Add(IEnumerable<TraceSummary> traces)
    {
        foreach (TraceSummary trace in traces.Where(t => !Contains(t.TraceId)).Take(Most - Count))
        {
            _versions.Add(trace.TraceId, trace.Version);
        }
    }

    /// <summary>A row that changed before the reader's eyes counts as it stands now: a verdict on what it was would never be taken.</summary>
    public void See(IEnumerable<TraceSummary> rows)
    {
        if (Count == 0)
        {
            return;
        }

        foreach (TraceSummary row in rows)
        {
            if (_versions.TryGetValue(row.TraceId, out int version) && row.Version > version)
            {
                _versions[row.TraceId] = row.Version;
            }
        }
    }

    public void Remove(string traceId) => _versions.Remove(traceId);

    public void Clear() => _versions.Clear();
}
