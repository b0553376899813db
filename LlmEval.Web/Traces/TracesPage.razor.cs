using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using LlmEval.Web.SingleTrace;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;

namespace LlmEval.Web.Traces;

public sealed partial class TracesPage
{
    private readonly CancellationTokenSource _closed = new();
    private readonly TraceSelection _selection = new();
    private TracesState _state = null!;
    private ElementReference _list;
    private ElementReference _end;
    private DotNetObjectReference<TracesPage>? _self;
    private IJSObjectReference? _module;
    private IJSObjectReference? _watch;
    private int _detailsRevision;
    private bool _started;

    /// <summary>The bar stays until it has said how it went.</summary>
    private bool _bulk;

    [Inject]
    public required TraceReads Reads { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required ViewerTime Time { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required IJSRuntime Js { get; init; }

    private TracesAddress Wanted => TracesAddress.Parse(Navigation.Uri);

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

    // Does not repeat the count: it would be read out four times a second.
    private string Announcement => _state switch
    {
        { NewCount: > 0 } or { MayHaveMore: true } => "New traces are waiting",
        { Loaded: true, Rows.Count: 0 } => "No traces",
        _ => "",
    };

    protected override void OnInitialized()
    {
        _state = new TracesState(Reads, Clock, StateHasChanged);
        Navigation.LocationChanged += OnLocationChanged;
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e)
    {
        if (_started && Navigation.ToBaseRelativePath(e.Location).Split('?', '#')[0] == TracesAddress.Path)
        {
            _ = InvokeAsync(GoAsync);
        }
    }

    private async Task GoAsync()
    {
        try
        {
            string? wasOpen = _state.Address.TraceId;
            await ShowAsync();
            StateHasChanged();
            if (wasOpen is not null && _state.Address.TraceId is null && _watch is not null)
            {
                await _watch.InvokeVoidAsync("focusRow", wasOpen);
            }
        }
        catch (Exception e) when (e is not JSDisconnectedException)
        {
            await DispatchExceptionAsync(e);
        }
    }

    // Not while prerendering: the viewer's time zone is not known yet, and the list would be read twice.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _started = true;
        Follow(new EventFilter(Projects.Default));
        try
        {
            await Time.KnowZoneAsync();
            await ShowAsync();
            StateHasChanged();
            await WatchReaderAsync();
            await LoadModelNamesAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser left while the page opened.
        }
    }

    protected override async Task TakeAsync(LiveBatch batch)
    {
        await _state.TakeAsync(batch);
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

        if (_watch is not null)
        {
            await _watch.InvokeVoidAsync("toTop");
        }

        await _state.ShowNewAsync();
    }

    private async Task TogglePauseAsync()
    {
        await _state.SetPausedAsync(!_state.Paused);
    }

    /// <summary>Called by the browser when the reader begins or stops to look at certain rows.</summary>
    [JSInvokable]
    public async Task OnReading(bool reading)
    {
        await _state.SetReadingAsync(reading);
        StateHasChanged();
    }

    // Typing on in a search replaces its entry in the history; any other step can be gone back to.
    private void GoTo(TracesAddress address) =>
        Navigation.NavigateTo(address.ToString(), replace: address.Filter.Text is { } text && _state.Address.Filter.Text is { } before && text != before);

    private async Task WatchReaderAsync()
    {
        _self = DotNetObjectReference.Create(this);
        _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Traces/TracesPage.razor.js");
        _watch = await _module.InvokeAsync<IJSObjectReference>("watch", _list, _end, _self);
    }

    private async Task LoadModelNamesAsync()
    {
        try
        {
            _state.AddModelNames(await Reads.ModelNames(_closed.Token));
            StateHasChanged();
        }
        catch (Exception e) when (Outage.Is(e) || e is OperationCanceledException)
        {
            // The choice of models then grows with the events.
        }
    }

    protected override async ValueTask DisposeCoreAsync()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        await _closed.CancelAsync();
        _closed.Dispose();
        _state.Dispose();
        try
        {
            if (_watch is not null && _module is not null)
            {
                await _watch.InvokeVoidAsync("dispose");
                await _watch.DisposeAsync();
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and its listeners with it.
        }

        _self?.Dispose();
    }
}
