using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

public sealed partial class TraceTable
{
    /// <summary>More than are in sight, however high the screen. A reader may load thousands of rows, of 3 KB each as they are drawn.</summary>
    private const int MostDrawn = 160;

    private readonly Queue<ListedTrace> _drawn = new();
    private TracesAddress? _looked;
    private RowLook _look = null!;

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

    [Inject]
    public required SharedRows Shared { get; init; }

    [Inject]
    public required ViewerTime Time { get; init; }

    private string Class =>
        (Busy ? "busy " : "") + (Address.Compact ? "compact " : "") + (_look.Words.Count > 0 ? "found " : "") + (Selecting ? "selecting" : "");

    private bool AllSelected => Rows is { Count: > 0 } rows && rows.Take(TraceSelection.Most).All(row => Selection.Contains(row.Trace.TraceId));

    protected override void OnParametersSet()
    {
        RowLook look = ReferenceEquals(_looked, Address) ? _look.At(Time) : RowLook.Of(Address, Time);
        _look = look == _look ? _look : look;
        _looked = Address;
    }

    private bool Shows(TraceColumns column) => Address.Columns.HasFlag(column);

    private RenderFragment ContentOf(ListedTrace row)
    {
        // Not one for each row each time: a list is gone through four times a second.
        if (row.Content is not { } content || content.Of != this)
        {
            row.Content = content = (this, TraceRow.Of(this, row));
        }

        return content.Fragment;
    }

    /// <summary>A row as it looks in this list.</summary>
    public SharedRow Show(ListedTrace row)
    {
        if (row.Shown is { } shown && shown.Look == _look)
        {
            return shown;
        }

        _drawn.Enqueue(row);
        if (_drawn.Count > MostDrawn)
        {
            _drawn.Dequeue().Forget();
        }

        return row.Shown = Shared.Find(row.Trace, _look, Time);
    }

    /// <summary>The class of a row that is open beside the list, or has just come.</summary>
    public string? StateOf(ListedTrace row) => row.Trace.TraceId == Address.TraceId ? "open" : row.Fresh ? "fresh" : null;

    private Task ToggleAsync(TickedRow e)
    {
        // Else it left the list meanwhile, or was ticked already.
        if (Selection.Contains(e.TraceId) != e.Ticked && Rows?.FirstOrDefault(row => row.Trace.TraceId == e.TraceId) is { } row)
        {
            Selection.Toggle(row.Trace);
        }

        return Selected.InvokeAsync();
    }

    private Task ToggleAllAsync()
    {
        if (AllSelected)
        {
            Selection.Clear();
        }
        else if (Rows is { } rows)
        {
            Selection.Add(rows.Select(row => row.Trace));
        }

        return Selected.InvokeAsync();
    }
}
