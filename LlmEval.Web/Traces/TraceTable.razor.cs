using LlmEval.Core.Traces;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

public sealed partial class TraceTable
{
    private string? _search;
    private TracesAddress? _linked;

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

    /// <summary>Where a row leads.</summary>
    public TraceLinks Links { get; private set; } = new(new TracesAddress());

    private string Class => (Busy ? "busy " : "") + (Address.Compact ? "compact " : "") + (Selecting ? "selecting" : "");

    private bool AllSelected => Rows is { Count: > 0 } rows && rows.Take(TraceSelection.Most).All(row => Selection.Contains(row.Trace.TraceId));

    protected override void OnParametersSet()
    {
        // The same links and the same list of words for the same address: rows compare them by reference.
        if (!ReferenceEquals(_linked, Address))
        {
            _linked = Address;
            Links = new TraceLinks(Address);
        }

        if (_search != Address.Filter.Text)
        {
            _search = Address.Filter.Text;
            Words = SearchMarks.Words(_search);
        }
    }

    private bool Shows(TraceColumns column) => Address.Columns.HasFlag(column);

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
