using System.Buffers;
using System.Text;
using System.Text.Json;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;
using LlmEval.Web.Live;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.SingleTrace;

public sealed partial class TracePage
{
    private const int TitleCharacters = 100;

    private TracePageState _state = null!;
    private TraceDetail? _written;
    private string _json = "";

    /// <summary>The trace whose ideal answer is being edited: that takes room.</summary>
    private string? _edited;

    /// <summary>The trace's id, when a path can hold it.</summary>
    [Parameter]
    public string? Id { get; set; }

    [CascadingParameter]
    public Caller? Viewer { get; set; }

    [Inject]
    public required TraceReads Reads { get; init; }

    [Inject]
    public required ListPlace Place { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    private TraceAddress Wanted => TraceAddress.Parse(Navigation.Uri, Id);

    private string Title => _state.Detail is { Trace: var trace } ? Cut(TraceFormat.Visible(trace.UserQuery, "(empty question)").ReplaceLineEndings(" ").Trim()) : "Trace";

    private string BackHref => (_state.Address.List with { TraceId = null }).ToString();

    private string ApiUrl => $"api/trace?trace_id={Uri.EscapeDataString(_state.Address.TraceId)}";

    private string ShareUrl => Navigation.ToAbsoluteUri(_state.Address.Alone.ToString()).AbsoluteUri;

    protected override void OnInitialized()
    {
        _state = new TracePageState(Reads, Clock, StateHasChanged);
        base.OnInitialized();
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (_state.Detail is { Trace: var trace })
        {
            Place.Keep(_state.Address.List, TraceSummary.Of(trace));
        }
    }

    // Another trace by its path.
    protected override Task OnParametersSetAsync() => IsOpen ? _state.ShowAsync(Wanted) : Task.CompletedTask;

    protected override Task OpenAsync() => _state.ShowAsync(Wanted);

    protected override Task TakeAsync(LiveBatch batch) => _state.TakeAsync(batch);

    protected override bool IsThisPage(string path) =>
        path == TraceAddress.QueryPath || (Id is not null && path == $"{TracesAddress.Path}/{Uri.EscapeDataString(Id)}");

    // Another view, another list, or another trace in the query.
    protected override Task GoAsync() => _state.ShowAsync(Wanted);

    private string? HrefOf(TraceSummary? neighbour) =>
        neighbour is null ? null : (_state.Address with { TraceId = neighbour.TraceId }).ToString();

    private static string NeighbourTitle(TraceSummary? neighbour, string side) => neighbour is null ? $"No {side.ToLowerInvariant()} trace in the list" : $"{side}: {neighbour.UserQuery}";

    private string Json(TraceDetail detail)
    {
        if (ReferenceEquals(_written, detail))
        {
            return _json;
        }

        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, TraceJson.Options))
        {
            TraceJson.WriteRecord(writer, detail.Trace, detail.History);
        }

        _written = detail;
        return _json = Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static string Cut(string text) =>
        text.Length <= TitleCharacters ? text : text[..(char.IsHighSurrogate(text[TitleCharacters - 1]) ? TitleCharacters - 1 : TitleCharacters)] + "…";

    protected override ValueTask DisposeCoreAsync()
    {
        _state.Dispose();
        return base.DisposeCoreAsync();
    }
}
