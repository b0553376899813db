using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Review;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;

namespace LlmEval.Web.Review;

public sealed partial class ReviewPage
{
    private static readonly TimeSpan RenewEvery = TraceLeases.Length / 4;

    private readonly CancellationTokenSource _closed = new();
    private ReviewState? _state;
    private ReviewVocabulary? _vocabulary;
    private IReadOnlyList<string> _models = [];
    private IJSObjectReference? _module;
    private IJSObjectReference? _watch;
    private string? _address;
    private Task _renewing = Task.CompletedTask;
    private bool _started;
    private bool _choosing;
    private string? _edited;

    [Inject]
    public required ReviewDesk Desk { get; init; }

    [Inject]
    public required TraceReads Traces { get; init; }

    [Inject]
    public required CurrentReviewer Reviewer { get; init; }

    [Inject]
    public required CircuitLink Link { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required ViewerTime Time { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required IJSRuntime Js { get; init; }

    private string ScopeText => _state is { } state
        ? string.Join(", ", ReviewWords.Facts(state.Scope).Prepend(ReviewWords.Of(state.Scope.Order)))
        : "\u00a0";

    /// <summary>The ideal answer of the trace at hand is being edited: that takes room.</summary>
    private bool IsEditing => _edited is not null && _edited == _state?.Current?.Trace.TraceId;

    private IEnumerable<TraceDetail> Panes => new[] { _state?.Current, _state?.Next }.OfType<TraceDetail>();

    private string Announcement => _state switch
    {
        { Undoable: { } judged } => $"{TraceFormat.Status(judged.Mine.Status)}. Z takes it back.",
        { Opening: false, Current: null } => "Nothing waits for a verdict",
        _ => "",
    };

    // Another query is no other page, so no parameter tells of it.
    protected override void OnInitialized() => Navigation.LocationChanged += OnLocationChanged;

    // Not while prerendering: nobody is there yet to hold a trace.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _started = true;
        Follow(new EventFilter(Projects.Default), () => Desk.Changed);
        try
        {
            await Task.WhenAll(Time.KnowZoneAsync(), Reviewer.KnowAsync());
            await ReadVocabularyAsync();
            await ShowAsync();
            _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Review/ReviewPage.razor.js");
            _watch = await _module.InvokeAsync<IJSObjectReference>("watch");
            _renewing = RenewAgainAndAgainAsync();
            _models = await Traces.ModelNames(_closed.Token);
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException || Outage.Is(e))
        {
            // The browser left, or the names of models cannot be read: the queue shows what it can.
        }
    }

    protected override Task TakeAsync(LiveBatch batch) => _state?.TakeAsync(batch) ?? Task.CompletedTask;

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e)
    {
        if (_started && Navigation.ToBaseRelativePath(e.Location).Split('?', '#')[0] == ReviewAddress.Path)
        {
            _ = InvokeAsync(GoAsync);
        }
    }

    private async Task GoAsync()
    {
        try
        {
            await ShowAsync();
        }
        catch (Exception e) when (e is not JSDisconnectedException)
        {
            // To the page's error boundary: nobody awaits this.
            await DispatchExceptionAsync(e);
        }
    }

    /// <summary>Opens the queue that the address names.</summary>
    private async Task ShowAsync()
    {
        if (_address == Navigation.Uri)
        {
            return;
        }

        _address = Navigation.Uri;
        _choosing = false;
        ReviewState? left = _state;
        var opened = new ReviewState(Desk, ReviewAddress.Parse(_address), Reviewer, Clock, StateHasChanged, ForgetDraftAsync);
        _state = opened;
        if (left is not null)
        {
            await left.DisposeAsync();
        }

        StateHasChanged();
        try
        {
            await opened.OpenAsync();
        }
        catch (OperationCanceledException) when (_state != opened)
        {
            // Another queue was chosen meanwhile.
        }

        StateHasChanged();
    }

    private void GoTo(ReviewScope scope) => Navigation.NavigateTo(ReviewAddress.Of(scope));

    private Task MoveAsync(int step) => _state?.MoveAsync(step) ?? Task.CompletedTask;

    private Task RenewAsync() => _state?.RenewAsync() ?? Task.CompletedTask;

    // A verdict that was taken back opens its trace with what was typed: another panel than the one before.
    private (string, Judgement?) PanelKey(TraceDetail shown) => (shown.Trace.TraceId, _state!.Draft);

    private async Task ReadVocabularyAsync()
    {
        try
        {
            _vocabulary = await Desk.VocabularyAsync(_closed.Token);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            _vocabulary ??= ReviewVocabulary.Default(Projects.Default);
        }
    }

    private async Task ForgetDraftAsync(string traceId)
    {
        try
        {
            if (_watch is not null)
            {
                await _watch.InvokeVoidAsync("forget", traceId);
            }
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // The browser is away; the draft goes with its tab.
        }
    }

    private async Task RenewAgainAndAgainAsync()
    {
        using var timer = new PeriodicTimer(RenewEvery, Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_closed.Token))
            {
                // Whoever is not there loses what they hold.
                if (Link.Connected.IsCompleted)
                {
                    await RenewAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    protected override async ValueTask DisposeCoreAsync()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        await _closed.CancelAsync();
        await _renewing;
        _closed.Dispose();
        if (_state is not null)
        {
            await _state.DisposeAsync();
        }

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
    }
}
