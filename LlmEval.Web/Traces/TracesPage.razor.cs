using LlmEval.Core.Review;
using LlmEval.Core.Storage;
using LlmEval.Web.Live;
using LlmEval.Web.Review;
using LlmEval.Web.Shell;
using LlmEval.Web.SingleTrace;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.Traces;

public sealed partial class TracesPage
{
    private readonly TraceSelection _selection = new();
    private TracesState _state = null!;
    private ElementReference _list;
    private ElementReference _end;
    private DotNetObjectReference<TracesPage>? _self;
    private PageScript _script = null!;
    private int _detailsRevision;

    /// <summary>On a phone, where there is no room for boxes to tick otherwise.</summary>
    private bool _selecting;

    /// <summary>The bar stays until it has said how it went.</summary>
    private bool _bulk;

    [Inject]
    public required TraceReads Reads { get; init; }

    [Inject]
    public required ListPlace Place { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required IJSRuntime Js { get; init; }

    /// <summary>On their way to the browser and back: the next filter comes on top of them.</summary>
    private readonly List<TracesAddress> _asked = [];

    private TracesAddress Asked => _asked is [.., var last] ? last : _state.Address;

    private TracesAddress Wanted => TracesAddress.Parse(Navigation.Uri);

    private string ReviewHref => ReviewAddress.Of(new ReviewScope(_state.Address.Filter, ReviewOrder.Newest));

    private string NewestHref => (_state.Address with { After = null }).ToString();

    private string FurtherHref => (_state.Address with { After = _state.Older, TraceId = null }).ToString();

    private string CloseHref => (_state.Address with { TraceId = null }).ToString();

    private string PageHref(string traceId) => new TraceAddress(traceId) { List = _state.Address }.ToString();

    private string PillText => _state switch
    {
        { MayHaveMore: true } => "There may be more: refresh",
        { NewCount: 1 } => "1 new trace",
        { NewCount: > 999 } => "999+ new traces",
        _ => $"{_state.NewCount} new traces",
    };

    // Does not repeat the count: it would be read out several times a second.
    private string Announcement => _state switch
    {
        { NewCount: > 0 } or { MayHaveMore: true } => "New traces are waiting",
        { Loaded: true, Rows.Count: 0 } => "No traces",
        _ => "",
    };

    protected override void OnInitialized()
    {
        _state = new TracesState(Reads, Clock, StateHasChanged);
        _script = new PageScript(Js, "./Traces/TracesPage.razor.js");
        base.OnInitialized();
    }

    protected override bool IsThisPage(string path) => path == TracesAddress.Path;

    protected override async Task GoAsync()
    {
        string? wasOpen = _state.Address.TraceId;
        _asked.RemoveRange(0, _asked.FindIndex(asked => asked.ToString() == Wanted.ToString()) is >= 0 and int at ? at + 1 : _asked.Count);
        if (!Wanted.ListsTheSameAs(_state.Address))
        {
            // Another list: nobody sees any longer what is selected, and what is done to it would be done unseen.
            _selection.Clear();
        }

        await ShowAsync();
        StateHasChanged();
        if (wasOpen is not null && _state.Address.TraceId is null)
        {
            await _script.CallAsync("focusRow", wasOpen);
        }
    }

    protected override async Task OpenAsync()
    {
        await ShowAsync();
        int? place = Place.Take(_state.Address) is { } left ? await _state.LoadDownToAsync(left) : null;
        StateHasChanged();
        _self = DotNetObjectReference.Create(this);
        await _script.AttachAsync("watch", _list, _end, _self);
        if (place is { } at && at < _state.Rows.Count)
        {
            await _script.CallAsync("showRow", _state.Rows[at].Trace.TraceId, at);
        }

        await LoadModelNamesAsync();
    }

    protected override async Task TakeAsync(LiveBatch batch)
    {
        await _state.TakeAsync(batch);
        SeeRows();
        if (batch.Missed || batch.Events.Any(e => e.TraceId == _state.Address.TraceId))
        {
            _detailsRevision++;
        }
    }

    private async Task ShowAsync()
    {
        Task shown = _state.ShowAsync(Wanted);
        if (_state.Loaded)
        {
            StateHasChanged();
        }

        await shown;
    }

    private void SeeRows() => _selection.See(_state.Rows.Select(row => row.Trace));

    private void OnBulk()
    {
        _bulk = true;
        SeeRows();
    }

    private async Task LoadOlderAsync()
    {
        await _state.LoadOlderAsync();
    }

    private async Task ShowNewAsync()
    {
        if (_state.Address.After is not null)
        {
            Navigation.NavigateTo(NewestHref);
            return;
        }

        await _script.CallAsync("toTop");
        await _state.ShowNewAsync();
    }

    private async Task TogglePauseAsync()
    {
        await _state.SetPausedAsync(!_state.Paused);
    }

    /// <summary>Called by the browser when the reader begins or stops to look at certain rows.</summary>
    /// <returns>At once: the browser says again what is not answered, and what this sets off may take long.</returns>
    [JSInvokable]
    public void OnReading(bool reading) => _ = ReadAsync(reading);

    private async Task ReadAsync(bool reading)
    {
        await _state.SetReadingAsync(reading);
        StateHasChanged();
    }

    // Typing on in a search replaces its entry in the history; any other step can be gone back to.
    private void GoTo(TracesAddress address)
    {
        bool replace = address.Filter.Text is { } text && Asked.Filter.Text is { } before && text != before;
        _asked.Add(address);
        Navigation.NavigateTo(address.ToString(), replace: replace);
    }

    private async Task LoadModelNamesAsync()
    {
        try
        {
            _state.AddModelNames(await Reads.ModelNames(Closed));
        }
        catch (Exception e) when (Outage.Is(e) || e is OperationCanceledException)
        {
            // The choice of models then grows with the events.
        }
    }

    protected override async ValueTask DisposeCoreAsync()
    {
        await base.DisposeCoreAsync();
        _state.Dispose();
        await _script.DisposeAsync();
        _self?.Dispose();
    }
}
