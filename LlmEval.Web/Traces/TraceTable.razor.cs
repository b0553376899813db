using LlmEval.Core.Traces;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

public sealed partial class TraceTable
{
    private TracesAddress? _linked;
    private TraceLinks _links = null!;

    /// <summary>Null while the first list is being read.</summary>
    [Parameter, EditorRequired]
    public ICollection<ListedTrace>? Rows { get; set; }

    [Parameter, EditorRequired]
    public required TracesAddress Address { get; set; }

    [Parameter, EditorRequired]
    public required TraceSelection Selection { get; set; }

    /// <summary>Called when the selection changed.</summary>
    [Parameter]
    public EventCallback Selected { get; set; }

    /// <summary>A phone shows boxes to tick only then.</summary>
    [Parameter]
    public bool Selecting { get; set; }

    [Parameter]
    public bool Busy { get; set; }

    /// <summary>To be marked.</summary>
    public IReadOnlyList<string> Words { get; private set; } = [];

    /// <summary>How the cells of rows look. Another object only when it changes: rows compare it by reference.</summary>
    public RowLook? Look { get; private set; }

    [Inject]
    public required SharedRows Shared { get; init; }

    [Inject]
    public required ViewerTime Time { get; init; }

    private string Class => (Busy ? "busy " : "") + (Address.Compact ? "compact " : "") + (Selecting ? "selecting" : "");

    private bool AllSelected => Rows is { Count: > 0 } rows && rows.Take(TraceSelection.Most).All(row => Selection.Contains(row.Trace.TraceId));

    protected override void OnParametersSet()
    {
        if (!ReferenceEquals(_linked, Address))
        {
            _linked = Address;
            _links = new TraceLinks(Address);
            Words = SearchMarks.Words(Address.Filter.Text);
        }

        RowLook look = RowLook.Of(_links, Time);
        Look = look == Look ? Look : look;
    }

    private bool Shows(TraceColumns column) => Address.Columns.HasFlag(column);

    /// <summary>The cells of a row, but for the box to tick it.</summary>
    public RenderFragment CellsOf(TraceSummary trace) => Shared.CellsOf(trace, Look!, Address, Words, Time);

    /// <summary>Ticks a row, or takes the tick away.</summary>
    public Task ToggleAsync(TraceSummary trace)
    {
        Selection.Toggle(trace);
        return Selected.InvokeAsync();
    }

    private Task ToggleAllAsync()
    {
        if (AllSelected)
        {
            Selection.Clear();
        }
        else
        {
            Selection.Add(Rows!.Select(row => row.Trace));
        }

        return Selected.InvokeAsync();
    }
}
