using System.Collections.ObjectModel;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

/// <summary>The rows of a list and the traces that wait for a place among them. While it is held, rows keep their places.</summary>
internal sealed class LiveTraces
{
    private readonly TraceWindow _window = new();
    private readonly WaitingTraces _waiting = new();

    /// <summary>What belongs to the list.</summary>
    public TraceFilter Filter { get; set; } = TraceFilter.Everything;

    public ReadOnlyCollection<ListedTrace> Rows => _window.Rows;

    /// <summary>Where the next rows begin, while there are any.</summary>
    public Cursor? Older => _window.Older;

    /// <summary>No more rows fit.</summary>
    public bool IsFull => _window.IsFull;

    /// <summary>New traces that wait.</summary>
    public int NewCount => _waiting.NewCount;

    /// <summary>More happened than it holds: only reading the list again tells.</summary>
    public bool Outdated { get; set; }

    public TraceSummary? Known(string traceId) => _window.Find(traceId)?.Trace ?? _waiting.Find(traceId);

    /// <summary>It is none of the list's, or further down than what is loaded.</summary>
    public bool IsNoneOf(TraceSummary trace) => !Filter.MayTake(trace) || _window.IsBelow(trace);

    public void Reset(Page<TraceSummary> page)
    {
        _window.Reset(page);
        _waiting.Clear();
        Outdated = false;
    }

    public void Append(Page<TraceSummary> page) => _window.Append(page);

    /// <param name="isNew">It was stored just now; others came to belong to the list.</param>
    public void Enter(TraceSummary trace, bool isNew, bool held)
    {
        if (!held)
        {
            _window.Insert(trace);
        }
        else if (!_waiting.IsFull)
        {
            _waiting.Add(trace, isNew);
        }
        else
        {
            Outdated = true;
            if (isNew)
            {
                _waiting.CountOneMore();
            }
        }
    }

    /// <param name="changed">One that is known; an older version than that is passed over.</param>
    public void Update(TraceSummary changed, bool held)
    {
        if (Known(changed.TraceId) is not { } known || changed.Version < known.Version)
        {
            return;
        }

        // What a search found in it, no event tells.
        changed = changed with { Excerpt = changed.Excerpt ?? known.Excerpt };
        if (!Filter.MayTake(changed) && (_waiting.Find(changed.TraceId) is not null || !held))
        {
            Remove(changed.TraceId);
        }
        else if (!_waiting.Replace(changed))
        {
            _window.Replace(changed);
        }
    }

    public void Remove(string traceId)
    {
        _window.Remove(traceId);
        _waiting.Remove(traceId);
    }

    /// <summary>Gives what waits its place, and takes away what no longer belongs.</summary>
    /// <param name="trim">Cuts off the end when it has grown; not while older rows are read, which join on to the last one.</param>
    public void Release(bool trim)
    {
        _waiting.MoveTo(_window);
        _window.RemoveWhere(trace => !Filter.MayTake(trace));
        if (trim)
        {
            _window.Trim();
        }
    }
}
