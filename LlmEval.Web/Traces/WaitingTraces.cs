using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

/// <summary>Traces that have a place in the list, while its rows are held still. Only what was stored meanwhile counts as new.</summary>
internal sealed class WaitingTraces
{
    /// <summary>With more, reading the list again is cheaper.</summary>
    public const int Most = TraceWindow.LiveRows;

    private readonly List<TraceSummary> _traces = [];
    private readonly HashSet<string> _new = [];
    private int _more;

    public int NewCount => _new.Count + _more;

    public bool IsFull => _traces.Count >= Most;

    public TraceSummary? Find(string traceId) => _traces.Find(t => t.TraceId == traceId);

    public void Add(TraceSummary trace, bool isNew)
    {
        _traces.Add(trace);
        if (isNew)
        {
            _new.Add(trace.TraceId);
        }
    }

    /// <summary>Counts a new one for which there is no room.</summary>
    public void CountOneMore() => _more++;

    /// <returns>False when it does not wait here.</returns>
    public bool Replace(TraceSummary trace)
    {
        int at = _traces.FindIndex(t => t.TraceId == trace.TraceId);
        if (at >= 0)
        {
            _traces[at] = trace;
        }

        return at >= 0;
    }

    public void Remove(string traceId)
    {
        _traces.RemoveAll(t => t.TraceId == traceId);
        _new.Remove(traceId);
    }

    public void MoveTo(TraceWindow window)
    {
        _traces.ForEach(window.Insert);
        Clear();
    }

    public void Clear()
    {
        _traces.Clear();
        _new.Clear();
        _more = 0;
    }
}
