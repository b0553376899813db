using LlmEval.Core.Amending;
using LlmEval.Core.Events;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Web.Live;
using LlmEval.Web.Traces;

namespace LlmEval.Web.Review;

/// <summary>
/// One reviewer at one queue. The next trace is leased and read while the one before is looked at, so that a verdict shows it at
/// once; saving goes on behind it. For one dispatcher.
/// </summary>
public sealed class ReviewState : IAsyncDisposable
{
    private readonly ReviewDesk _desk;
    private readonly CurrentReviewer _reviewer;
    private readonly Action<string> _saved;
    private readonly Action _changed;
    private readonly Closing _closed = new();
    private readonly HashSet<string> _skipped = [];

    /// <summary>What was judged at this queue and belongs to it still, as in a second look at accepted ones: one such look is enough.</summary>
    private readonly HashSet<string> _lookedAt = [];

    /// <summary>What was skipped since the last verdict: that is what is taken back first.</summary>
    private readonly List<TraceSummary> _skippedLast = [];
    private readonly TimedOffer<TraceSummary> _skipOffer;
    private readonly OutageRetry _retry;
    private readonly LiveCounts _counts;

    /// <param name="verdicts">What was said on this page, at other queues too.</param>
    /// <param name="changed">Called when something is to be shown.</param>
    /// <param name="saved">Called with the trace whose verdict is in the database.</param>
    public ReviewState(
        ReviewDesk desk, ReviewScope scope, CurrentReviewer reviewer, TimeProvider time, GivenVerdicts verdicts, Action changed, Action<string> saved)
    {
        (_desk, _reviewer, _saved, _changed, Scope) = (desk, reviewer, saved, changed, scope);
        ReviewQueue queue = desk.Open(scope);
        _retry = new OutageRetry(time, changed);
        _skipOffer = new TimedOffer<TraceSummary>(GivenVerdicts.UndoOffered, time, changed, _closed.Token);
        _counts = new LiveCounts(queue, scope, _retry, time);
        Verdicts = verdicts;
        Verdicts.Saved = OnSavedAsync;
        Place = new QueuePlace(desk, queue, reviewer, _retry, () => _skipped.Concat(_lookedAt).Concat(Verdicts.Unsaved), changed, _closed.Token);
    }

    public ReviewScope Scope { get; }

    public QueuePlace Place { get; }

    /// <summary>What was said on this page.</summary>
    public GivenVerdicts Verdicts { get; }

    public QueueCounts? Counts => _counts.Now;

    /// <summary>Ends when what was to be counted last is.</summary>
    internal Task Counting { get; private set; } = Task.CompletedTask;

    public bool Unavailable => _retry.IsAway;

    public int SkippedCount => _skipped.Count;

    /// <summary>The one that the notice offers to come back to.</summary>
    public TraceSummary? OfferedSkip => _skipOffer.Value;

    public bool IsSkipped(string traceId) => _skipped.Contains(traceId);

    public async Task OpenAsync()
    {
        await Place.FillAsync();

        // Not waited for: on a large queue it takes seconds, and there is something to judge.
        Counting = TellAfterAsync(_counts.RefreshAsync(_closed.Token));
    }

    /// <summary>Shows the next trace and saves the verdict behind it.</summary>
    public async Task JudgeAsync(GivenJudgement given)
    {
        // A key that was pressed twice speaks of a trace that is no longer shown.
        (TraceDetail seen, Judgement mine) = given;
        if (!IsCurrent(mine.TraceId))
        {
            return;
        }

        ForgetSkips();
        _skipped.Remove(mine.TraceId);
        Remember(mine);
        JudgedTrace judged = Verdicts.Add(seen, mine);
        Place.ShowNext();
        await Task.WhenAll(Verdicts.SaveAsync(judged, seen), Place.FillAsync());
        await Verdicts.EndOfferAsync(judged);
    }

    /// <summary>Puts a trace aside for as long as this page is open, if it is the one that is shown.</summary>
    public async Task SkipAsync(string traceId)
    {
        if (IsCurrent(traceId) && Place.Current is { } skipped)
        {
            _skipped.Add(traceId);
            var summary = TraceSummary.Of(skipped.Trace);
            _skippedLast.Add(summary);
            _skipOffer.Make(summary);
            _ = _skipOffer.EndAsync(summary);
            Place.ShowNext();
            await Task.WhenAll(Place.ReleaseAsync(traceId), Place.FillAsync());
        }
    }

    public Task ShowSkippedAsync()
    {
        _skipped.Clear();
        ForgetSkips();
        return Place.BeginAgainAsync();
    }

    /// <summary>Takes the last verdict of this page back, however long ago it was, and opens its trace again; so too what was skipped since.</summary>
    public async Task UndoLastAsync()
    {
        if (_skippedLast is [.., var skipped])
        {
            _skippedLast.Remove(skipped);
            _skipped.Remove(skipped.TraceId);
            _skipOffer.Withdraw();
            await _retry.RunAsync(() => Place.ReturnToAsync(skipped.TraceId, draft: null), _closed.Token);
            return;
        }

        if (Verdicts.Judged is [.., var last] && await Verdicts.TryTakeAsync(last))
        {
            string traceId = last.Trace.TraceId;
            _lookedAt.Remove(traceId);
            await TakeBackAsync(traceId, last.Version, done => Place.ReturnToAsync(traceId, done ? last.Mine : null));
        }
    }

    /// <summary>Takes back what was said last of the current trace.</summary>
    /// <param name="version">The version that it got by that.</param>
    public async Task UndoCurrentAsync(int version)
    {
        if (Place.Current is { } shown)
        {
            string traceId = shown.Trace.TraceId;
            await TakeBackAsync(traceId, version, done =>
            {
                if (done)
                {
                    Verdicts.Forget(traceId, version);
                    _lookedAt.Remove(traceId);
                }

                return Place.RereadAsync();
            });
        }
    }

    public async Task TakeAsync(LiveBatch batch)
    {
        if (batch.Missed)
        {
            _counts.Doubt();
            await Place.VerifyAsync();
        }

        bool grew = false;
        foreach (LogEvent e in batch.Events)
        {
            _counts.Take(e);
            Verdicts.Take(e);
            grew |= e.Action == EventAction.NewTrace;
            if (e.Action != EventAction.NewTrace)
            {
                await TakeChangeAsync(e);
            }
        }

        // Where something is missing, whatever happened may have brought it: a new trace, or one that somebody let go.
        if (Place.IsShort || (grew && Place.Ahead.Count < ReviewQueue.Window))
        {
            await Place.FillAsync(anew: true);
        }

        // Nothing else says that leases changed: here they have a signal, and elsewhere a verdict goes with them.
        if (batch.Missed || batch.Signalled || batch.Events.Any(e => e.Action == EventAction.Evaluated))
        {
            await Place.MarkLeasesAsync();
        }

        // Not waited for: it may take seconds, and what happens meanwhile is to be shown.
        Counting = TellAfterAsync(_counts.RefreshAsync(_closed.Token));
        _ = TellAfterAsync(_counts.SettleAsync(_closed.Token));
    }

    private async Task TellAfterAsync(Task counting)
    {
        try
        {
            bool isNews = !counting.IsCompleted;
            await counting;
            if (isNews)
            {
                _changed();
            }
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
        }
    }

    private bool IsCurrent(string traceId) => Place.Current?.Trace.TraceId == traceId;

    private void Remember(Judgement mine)
    {
        if (Scope.Waiting.Contains(mine.Status))
        {
            _lookedAt.Add(mine.TraceId);
        }
        else
        {
            _lookedAt.Remove(mine.TraceId);
        }
    }

    private void ForgetSkips()
    {
        _skippedLast.Clear();
        _skipOffer.Withdraw();
    }

    private async Task TakeChangeAsync(LogEvent e)
    {
        bool isGone = e.Action == EventAction.DeletedTrace;
        bool waits = !isGone && Scope.Waiting.Contains(e.Status);
        if (!waits)
        {
            Place.TakeOff(e.TraceId);
            _skipped.Remove(e.TraceId);
            _skippedLast.RemoveAll(t => t.TraceId == e.TraceId);
            if (_skipOffer.Value?.TraceId == e.TraceId)
            {
                _skipOffer.Withdraw();
            }
        }

        int version = EventVersion.Of(e);
        if (Place.Next is { } next && next.Trace.TraceId == e.TraceId && (!waits || version > next.Trace.Version))
        {
            await Place.ReplaceNextAsync();
        }

        if (Place.Current is { } shown && shown.Trace.TraceId == e.TraceId && (isGone || version > shown.Trace.Version))
        {
            await Place.RereadAsync();
            Place.Remark = isGone ? "This trace was deleted just now."
                : e.Action == EventAction.Evaluated ? Said(Place.Current?.Last)
                : "This trace was changed just now.";
        }
    }

    private string? Said(Evaluation? last) => last is null || (last.Evaluator is not null && last.Evaluator == _reviewer.Name)
        ? null
        : ReviewWords.Said(last);

    private Task OnSavedAsync(Evaluation entry)
    {
        _counts.Move(entry.PreviousStatus, entry.Status);
        _saved(entry.TraceId);
        return Place.ReleaseAsync(entry.TraceId);
    }

    /// <param name="show">Shows the trace as it stands then. Called with whether the verdict was taken back.</param>
    private async Task TakeBackAsync(string traceId, int version, Func<bool, Task> show)
    {
        DecisionAnswer? answer = null;
        await _retry.RunAsync(
            async () =>
            {
                // Once: what this page itself took back would be found changed.
                answer ??= await _desk.UndoAsync(traceId, version, _reviewer.Name, _closed.Token);
                await show(answer.Outcome == ChangeOutcome.Applied);
            },
            _closed.Token);
        if (answer is { Outcome: ChangeOutcome.Applied, Entry: { } entry })
        {
            _counts.Move(entry.PreviousStatus, entry.Status);
        }
        else if (answer is not null)
        {
            Place.Remark = ReviewWords.NotTakenBack(answer, Place.Current?.Trace.TraceId == traceId ? Place.Current : null);
        }
    }

    /// <summary>Frees what this page holds.</summary>
    public async ValueTask DisposeAsync()
    {
        await Verdicts.Saving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _closed.CancelAsync();
        await Place.LeaveAsync();
    }
}
