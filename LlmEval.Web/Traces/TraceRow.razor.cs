using LlmEval.Core.Traces;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

public sealed partial class TraceRow
{
    private RenderFragment? _cells;
    private (ListedTrace? Row, RowLook? Look, bool Open, bool Selected, bool Full, bool Compact, bool Found) _rendered;
    private bool _changed;

    [Parameter, EditorRequired]
    public required ListedTrace Row { get; set; }

    /// <summary>
    /// What it stands in, and asks for all that rows have in common: a parameter for each would be a new object or two for each row and change.
    /// </summary>
    [Parameter, EditorRequired]
    public required TraceTable Table { get; set; }

    private TraceSummary Trace => Row.Trace;

    private string? Class
    {
        get
        {
            string? state = _rendered.Open ? "open" : Row.Fresh ? "fresh" : null;
            return (_rendered.Compact, _rendered.Found) switch
            {
                (false, false) => state,
                (true, false) => $"compact {state}",
                (false, true) => $"found {state}",
                (true, true) => $"compact found {state}",
            };
        }
    }

    // A list of many rows is gone through several times a second; only a row that changed goes to the browser. Compared here,
    // because ShouldRender is not asked before the first render.
    protected override void OnParametersSet()
    {
        TracesAddress list = Table.Address;
        if (!ReferenceEquals(_rendered.Look, Table.Look) || !ReferenceEquals(_rendered.Row?.Trace, Trace))
        {
            _cells = Table.CellsOf(Trace);
        }

        var now = (Row, Table.Look, Trace.TraceId == list.TraceId, Table.Selection.Contains(Trace.TraceId), Table.Selection.IsFull, list.Compact, Table.Words.Count > 0);
        _changed = !ReferenceEquals(_rendered.Row, Row) || _rendered != now;
        _rendered = now;
    }

    protected override bool ShouldRender() => _changed;
}
