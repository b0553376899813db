using LlmEval.Core.Traces;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

public sealed partial class TraceRow
{
    private TraceLinks? _links;
    private string _href = "";
    private (ListedTrace? Row, string Href, bool Open, bool Selected, bool Full, TraceColumns Columns, bool Compact, IReadOnlyList<string> Words) _rendered;
    private bool _changed;

    [Parameter, EditorRequired]
    public required ListedTrace Row { get; set; }

    /// <summary>
    /// What it stands in, and asks for all that rows have in common: a parameter for each would be a new object or two for each row and change.
    /// </summary>
    [Parameter, EditorRequired]
    public required TraceTable Table { get; set; }

    [Inject]
    public required ViewerTime Time { get; init; }

    private TraceSummary Trace => Row.Trace;

    private string? Class
    {
        get
        {
            string? state = _rendered.Open ? "open" : Row.Fresh ? "fresh" : null;
            return (_rendered.Compact, _rendered.Words.Count > 0) switch
            {
                (false, false) => state,
                (true, false) => $"compact {state}",
                (false, true) => $"found {state}",
                (true, true) => $"compact found {state}",
            };
        }
    }

    private bool Shows(TraceColumns column) => (_rendered.Columns & column) != 0;

    // A list of many rows is gone through several times a second; only a row that changed goes to the browser. Compared here,
    // because ShouldRender is not asked before the first render.
    protected override void OnParametersSet()
    {
        TracesAddress list = Table.Address;
        if (!ReferenceEquals(_links, Table.Links) || _rendered.Row?.Trace.TraceId != Trace.TraceId)
        {
            _links = Table.Links;
            _href = _links.To(Trace.TraceId);
        }

        var now = (Row, _href, Trace.TraceId == list.TraceId, Table.Selection.Contains(Trace.TraceId), Table.Selection.IsFull, list.Columns, list.Compact, Table.Words);
        _changed = !ReferenceEquals(_rendered.Row, Row) || _rendered != now;
        _rendered = now;
    }

    protected override bool ShouldRender() => _changed;
}
