using LlmEval.Core.Traces;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

public sealed partial class TraceRow
{
    private ListedTrace? _renderedRow;
    private bool _renderedOpen;
    private TracesAddress? _renderedList;
    private string _href = "";
    private (bool Selected, bool Full, TraceColumns Columns, bool Compact, IReadOnlyList<string> Words) _renderedAs;
    private bool _changed;

    [Parameter, EditorRequired]
    public required ListedTrace Row { get; set; }

    /// <summary>The list that it stands in: its details are an address of that list.</summary>
    [Parameter, EditorRequired]
    public required TracesAddress List { get; set; }

    /// <summary>Its details are on the page.</summary>
    [Parameter]
    public bool Open { get; set; }

    [Parameter]
    public bool Selected { get; set; }

    /// <summary>No other can be selected.</summary>
    [Parameter]
    public bool Full { get; set; }

    [Parameter]
    public TraceColumns Columns { get; set; } = TraceColumns.All;

    [Parameter]
    public bool Compact { get; set; }

    /// <summary>To be marked.</summary>
    [Parameter]
    public IReadOnlyList<string> Words { get; set; } = [];

    [Parameter]
    public EventCallback<TraceSummary> Toggled { get; set; }

    [Inject]
    public required ViewerTime Time { get; init; }

    private TraceSummary Trace => Row.Trace;

    private string? Class
    {
        get
        {
            string?[] classes = [Compact ? "compact" : null, Words.Count > 0 ? "found" : null, Open ? "open" : Row.Fresh ? "fresh" : null];
            string all = string.Join(' ', classes.OfType<string>());
            return all.Length > 0 ? all : null;
        }
    }

    private bool Shows(TraceColumns column) => Columns.HasFlag(column);

    // A list of many rows is gone through several times a second; only a row that changed goes to the browser. Compared here,
    // because ShouldRender is not asked before the first render.
    protected override void OnParametersSet()
    {
        var shownAs = (Selected, Full, Columns, Compact, Words);
        string before = _href;
        if (!ReferenceEquals(_renderedList, List) || _renderedRow?.Trace.TraceId != Trace.TraceId)
        {
            _href = (List with { TraceId = Trace.TraceId }).ToString();
        }

        _changed = !ReferenceEquals(_renderedRow, Row) || _renderedOpen != Open || before != _href || _renderedAs != shownAs;
        _renderedAs = shownAs;
        (_renderedRow, _renderedOpen, _renderedList) = (Row, Open, List);
    }

    protected override bool ShouldRender() => _changed;
}
