using LlmEval.Core.Review;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.Review;

public sealed partial class ReviewPage
{
    /// <summary>Ends after what was said here is saved, and so after <see cref="LiveComponent.Closed"/>.</summary>
    private readonly Closing _left = new();

    /// <summary>It outlives the queue: another one is chosen, and what could not be saved is still here.</summary>
    private GivenVerdicts _verdicts = null!;

    private ReviewState? _state;
    private ReviewVocabulary? _vocabulary;
    private IReadOnlyList<string> _models = [];
    private PageScript _script = null!;
    private string? _address;
    private Task _renewing = Task.CompletedTask;
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
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required IJSRuntime Js { get; init; }

    [Inject]
    public required ILogger<LeaseRenewal> RenewalLog { get; init; }

    private string ScopeText => _state is { } state
        ? string.Join(", ", ReviewWords.Facts(state.Scope).Prepend(ReviewWords.Of(state.Scope.Order)))
        : "\u00a0";

    /// <summary>The ideal answer of the trace at hand is being edited: that takes room.</summary>
    private bool IsEditing => _edited is not null && _edited == _state?.Place.Current?.Trace.TraceId;

    private IEnumerable<TraceDetail> Panes => new[] { _state?.Place.Current, _state?.Place.Next }.OfType<TraceDetail>();

    private string Announcement => _state switch
    {
        { OfferedSkip: not null } => "Skipped. Z goes back.",
        { Verdicts.Offered: { } judged } => $"{TraceFormat.Status(judged.Mine.Status)}. Z takes it back.",
        { Place: { Opening: false, Current: null } } => "Nothing waits for a verdict",
        _ => "",
    };

    protected override Func<Task> Signal => () => Desk.Changed;

    protected override void OnInitialized()
    {
        _script = new PageScript(Js, "./Review/ReviewPage.razor.js");
        _verdicts = new GivenVerdicts(Desk, Reviewer, Clock, StateHasChanged, _left.Token);
        base.OnInitialized();
    }

    protected override async Task OpenAsync()
    {
        await Reviewer.KnowAsync();
        _vocabulary = await Desk.OfferedAsync(Closed);
        await GoAsync();
        await _script.AttachAsync("watch");
        _renewing = new LeaseRenewal(RenewAsync, Link, Clock, RenewalLog).RunAsync(Closed);
        await ReadModelsAsync();
    }

    protected override async Task TakeAsync(LiveBatch batch)
    {
        if (_state is not { } state)
        {
            return;
        }

        try
        {
            await state.TakeAsync(batch);
        }
        catch (OperationCanceledException) when (_state != state)
        {
            // Another queue was chosen meanwhile.
        }
    }

    protected override bool IsThisPage(string path) => path == ReviewAddress.Path;

    /// <summary>Opens the queue that the address names.</summary>
    protected override async Task GoAsync()
    {
        _choosing = false;
        if (_address == Navigation.Uri)
        {
            return;
        }

        _address = Navigation.Uri;
        ReviewState? left = _state;
        var opened = new ReviewState(Desk, ReviewAddress.Parse(_address), Reviewer, Clock, _verdicts, StateHasChanged, Forget);
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
    }

    // Not waited for: while the connection is lost it is never answered.
    private void Forget(string traceId) => _ = _script.CallAsync("forget", traceId);

    // The form had the focus: the keys that follow are for the trace again.
    private async Task CloseChoiceAsync()
    {
        _choosing = false;
        await _script.CallAsync("focusHeading");
    }

    private void GoTo(ReviewScope scope) => Navigation.NavigateTo(ReviewAddress.Of(scope));

    private Task MoveAsync(int step) => _state?.Place.MoveAsync(step) ?? Task.CompletedTask;

    private Task RenewAsync() => _state?.Place.RenewAsync() ?? Task.CompletedTask;

    // A verdict that was taken back opens its trace with what was typed: another panel than the one before.
    private (string, Judgement?) PanelKey(TraceDetail shown) => (shown.Trace.TraceId, _state!.Place.Draft);

    private async Task ReadModelsAsync()
    {
        try
        {
            _models = await Traces.ModelNames(Closed);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            // The choice of models is then empty; the queue is not.
        }
    }

    protected override async ValueTask DisposeCoreAsync()
    {
        await base.DisposeCoreAsync();
        await _renewing;
        if (_state is not null)
        {
            await _state.DisposeAsync();
        }

        await _left.CancelAsync();
        _left.Dispose();
        await _script.DisposeAsync();
    }
}
