using System.Collections.ObjectModel;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

/// <summary>The loaded part of a list of traces: newest first, from its beginning, without gaps.</summary>
public sealed class TraceWindow
{
    public const int PageSize = 50;

    /// <summary>How far live traces let the list grow before its end is cut off; older rows are read again when asked for.</summary>
    public const int LiveRows = 200;

    /// <summary>Bounds what one reader can load, at about 1 KB a row. The list goes on in a window that begins further down.</summary>
    public const int MostRows = 5_000;

    /// <summary>When more rows are new at once, none is pointed out: it would be all that is in sight, and keep the browser busy.</summary>
    public const int MostPointedOut = 3;

    private readonly List<ListedTrace> _rows;
    private readonly HashSet<string> _ids = [];
    private int _room = LiveRows;
    private int _inserted;

    public TraceWindow()
    {
        _rows = [];
        Rows = _rows.AsReadOnly();
    }

    public ReadOnlyCollection<ListedTrace> Rows { get; }

    /// <summary>Where the rows that are not loaded begin; null when all are here.</summary>
    public Cursor? Older { get; private set; }

    public bool IsFull => _rows.Count >= MostRows;

    public bool Contains(string traceId) => _ids.Contains(traceId);

    public ListedTrace? Find(string traceId) => _ids.Contains(traceId) ? _rows[IndexOf(traceId)] : null;

    public void Reset(Page<TraceSummary> page)
    {
        _rows.Clear();
        _ids.Clear();
        _room = LiveRows;
        Append(page);
    }

    /// <summary>Adds the page that was read at <see cref="Older"/>.</summary>
    public void Append(Page<TraceSummary> page)
    {
        foreach (TraceSummary trace in page.Items)
        {
            if (_ids.Add(trace.TraceId))
            {
                _rows.Add(new ListedTrace(trace, fresh: false));
            }
        }

        Older = page.Next;
        _room = Math.Max(LiveRows, _rows.Count);
    }

    /// <summary>Whether a trace belongs to the part that is not loaded.</summary>
    public bool IsBelow(TraceSummary trace) => Older is { } older && trace.Timestamp < older.Timestamp;

    /// <summary>Puts a trace that was stored just now at its place; one that belongs to the part that is not loaded stays out.</summary>
    public void Insert(TraceSummary trace)
    {
        if (IsBelow(trace) || !_ids.Add(trace.TraceId))
        {
            return;
        }

        // Among equal times the one stored last comes first.
        int at = 0;
        while (at < _rows.Count && _rows[at].Trace.Timestamp > trace.Timestamp)
        {
            at++;
        }

        _rows.Insert(at, new ListedTrace(trace, fresh: true));
        _inserted++;
    }

    public void Replace(TraceSummary trace) => _rows[IndexOf(trace.TraceId)] = new ListedTrace(trace, fresh: true);

    public void Remove(string traceId)
    {
        if (_ids.Remove(traceId))
        {
            _rows.RemoveAt(IndexOf(traceId));
        }
    }

    public void RemoveWhere(Predicate<TraceSummary> unwanted) =>
        _rows.RemoveAll(row => unwanted(row.Trace) && _ids.Remove(row.Trace.TraceId));

    /// <summary>Ends a batch of live traces: cuts the end off when they made the list too long.</summary>
    public void Trim()
    {
        if (_inserted > MostPointedOut)
        {
            PointOutNothing();
        }

        _inserted = 0;
        if (_rows.Count <= _room)
        {
            return;
        }

        foreach (ListedTrace row in _rows[_room..])
        {
            _ids.Remove(row.Trace.TraceId);
        }

        _rows.RemoveRange(_room, _rows.Count - _room);

        // A row does not carry its insertion number. The highest one makes the next page begin with all rows of this time; those
        // that are here already are left out then.
        Older = new Cursor(_rows[^1].Trace.Timestamp, long.MaxValue);
    }

    private void PointOutNothing()
    {
        for (int i = 0; i < _rows.Count; i++)
        {
            if (_rows[i].Fresh)
            {
                _rows[i] = new ListedTrace(_rows[i].Trace, fresh: false) { Shown = _rows[i].Shown };
            }
        }
    }

    private int IndexOf(string traceId) => _rows.FindIndex(row => row.Trace.TraceId == traceId);
}
