using LlmEval.Core.Amending;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Web.Live;
using LlmEval.Web.Review;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.SingleTrace;

public sealed partial class TraceVerdict : IAsyncDisposable
{
    private readonly Closing _closed = new();
    private GivenVerdicts _verdicts = null!;
    private OutageRetry _retry = null!;
    private PageScript _script = null!;
    private ReviewVocabulary? _vocabulary;

    /// <summary>What was said before it was taken back.</summary>
    private Judgement? _draft;

    /// <summary>How many verdicts were saved: the panel of one that is gives way to an empty one.</summary>
    private int _saved;

    /// <summary>Why a verdict was not taken, or not taken back.</summary>
    private string? _remark;

    private string? _shown;

    /// <summary>The state that is shown, and judged: another one in the database is a conflict.</summary>
    [Parameter, EditorRequired]
    public required TraceDetail Detail { get; set; }

    /// <summary>Called when the trace in the database is another than is shown; it is expected to be shown after.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    /// <summary>Whether there should be room for a long text.</summary>
    [Parameter]
    public EventCallback<bool> EditingChanged { get; set; }

    [Inject]
    public required ReviewDesk Desk { get; init; }

    [Inject]
    public required CurrentReviewer Reviewer { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required CircuitLink Link { get; init; }

    [Inject]
    public required IJSRuntime Js { get; init; }

    protected override async Task OnInitializedAsync()
    {
        _script = new PageScript(Js, "./Review/JudgePanel.razor.js");
        _retry = new OutageRetry(Clock, StateHasChanged);
        _verdicts = new GivenVerdicts(Desk, Reviewer, Clock, OnVerdicts, _closed.Token) { Saved = OnSavedAsync };
        try
        {
            await Reviewer.KnowAsync();
            _vocabulary = await Desk.OfferedAsync(_closed.Token);
        }
        catch (Exception e) when (e is JSDisconnectedException || (e is OperationCanceledException && _closed.IsCancellationRequested))
        {
            // The browser left while the page opened.
        }
    }

    protected override void OnParametersSet()
    {
        if (_shown != Detail.Trace.TraceId)
        {
            // Said of another trace than is shown now.
            (_remark, _draft) = (null, null);
            _shown = Detail.Trace.TraceId;
        }
    }

    /// <summary>While a verdict is on its way to the database the next one would be about a state that nobody has seen.</summary>
    private bool MayJudge()
    {
        bool may = _verdicts.Saving.IsCompleted;
        if (!may)
        {
            _remark = ReviewWords.StillSaving;
            StateHasChanged();
        }

        return may;
    }

    private void OnVerdicts()
    {
        _remark = _remark == ReviewWords.StillSaving ? null : _remark;
        StateHasChanged();
    }

    private async Task JudgeAsync(GivenJudgement given)
    {
        // A key that was pressed twice speaks of a state that is no longer shown.
        Judgement mine = given.Mine;
        if (mine.TraceId == Detail.Trace.TraceId && _verdicts.Saving.IsCompleted)
        {
            _remark = null;

            // What was said here since is no news to whoever said it.
            TraceDetail seen = _verdicts.Judged.Any(j => j.Mine.TraceId == mine.TraceId && j.Version == Detail.Trace.Version) ? Detail : given.Seen;
            JudgedTrace judged = _verdicts.Add(seen, mine);
            await _verdicts.SaveAsync(judged, seen);
            await _verdicts.EndOfferAsync(judged);
        }
    }

    private async Task OnSavedAsync(Evaluation entry)
    {
        // Before the new panel comes: the old one hands over to it what was typed since. Lost with the connection, it is never answered.
        await Task.WhenAny(_script.RunAsync("forget", entry.TraceId), Link.Returned);
        if (entry.TraceId == Detail.Trace.TraceId)
        {
            _draft = null;
            _saved++;
            await EditingChanged.InvokeAsync(false);

            // At once: whoever goes on typing does it in the new panel.
            StateHasChanged();
        }

        await Changed.InvokeAsync();
    }

    private async Task UndoLastAsync()
    {
        if (_verdicts.Judged is [.., var last] && await _verdicts.TryTakeAsync(last))
        {
            bool done = await TakeBackAsync(last.Trace.TraceId, last.Version);
            _draft = done && last.Trace.TraceId == Detail.Trace.TraceId ? last.Mine : null;
        }
    }

    private async Task UndoCurrentAsync(int version)
    {
        string traceId = Detail.Trace.TraceId;
        if (await TakeBackAsync(traceId, version))
        {
            _verdicts.Forget(traceId, version);
        }
    }

    private async Task<bool> TakeBackAsync(string traceId, int version)
    {
        DecisionAnswer answer = await _retry.RunAsync(() => Desk.UndoAsync(traceId, version, Reviewer.Name, _closed.Token), _closed.Token);
        bool done = answer.Outcome == ChangeOutcome.Applied;
        _remark = done ? null : ReviewWords.NotTakenBack(answer, await _retry.RunAsync(() => Desk.FindAsync(traceId, _closed.Token), _closed.Token));
        await Changed.InvokeAsync();
        return done;
    }

    public async ValueTask DisposeAsync()
    {
        await _verdicts.Saving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _closed.CancelAsync();
        _closed.Dispose();
        await _script.DisposeAsync();
    }
}
