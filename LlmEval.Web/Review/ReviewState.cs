using LlmEval.Core.Amending;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Storage;
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
    /// <summary>How long the last verdict can be taken back by the notice about it. From the history it always can.</summary>
    public static readonly TimeSpan UndoOffered = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(10);

    private readonly ReviewDesk _desk;
    private readonly CurrentReviewer _reviewer;
    private readonly TimeProvider _time;
    private readonly Action _changed;
    private readonly Func<string, Task> _saved;
    private readonly CancellationTokenSource _closed = new();
    private readonly SemaphoreSlim _taking = new(1, 1);
    private readonly string _page = Guid.NewGuid().ToString("N");
    private readonly HashSet<string> _skipped = [];
    private readonly List<JudgedTrace> _judged = [];
    private readonly List<Trouble> _troubles = [];
    private readonly ReviewQueue _queue;
    private bool _recount = true;

    /// <param name="changed">Called when something is to be shown.</param>
    /// <param name="saved">Called with the trace whose verdict is in the database.</param>
    public ReviewState(ReviewDesk desk, ReviewScope scope, CurrentReviewer reviewer, TimeProvider time, Action changed, Func<string, Task> saved)
    {
        (_desk, Scope, _reviewer, _time, _changed, _saved) = (desk, scope, reviewer, time, changed, saved);
        _queue = desk.Open(scope);
    }

    public ReviewScope Scope { get; }

    /// <summary>The trace that is looked at.</summary>
    public TraceDetail? Current { get; private set; }

    /// <summary>What was said of the current trace before it was opened again.</summary>
    public Judgement? Draft { get; private set; }

    /// <summary>Why the current trace may need a second look: somebody else has it, judged it, or it is gone.</summary>
    public string? Remark { get; private set; }

    /// <summary>The one after it: leased and read.</summary>
    public TraceDetail? Next { get; private set; }

    /// <summary>What waits, in order; the current and the next trace are among it.</summary>
    public IReadOnlyList<QueuedTrace> Ahead { get; private set; } = [];

    /// <summary>What was judged on this page, oldest first.</summary>
    public IReadOnlyList<JudgedTrace> Judged => _judged;

    /// <summary>The verdict that the notice offers to take back.</summary>
    public JudgedTrace? Undoable { get; private set; }

    public IReadOnlyList<Trouble> Troubles => _troubles;

    /// <summary>Null until it is counted, and where it cannot be.</summary>
    public QueueCounts? Counts { get; private set; }

    /// <summary>Nothing was read yet.</summary>
    public bool Opening { get; private set; } = true;

    public bool Unavailable { get; private set; }

    public int SkippedCount => _skipped.Count;

    public TimeSpan? Pace => ReviewPace.Mean([.. _judged.Select(j => j.At)]);

    /// <summary>This page, as others see it.</summary>
    public LeaseHolder Holder => new(_page, _reviewer.Name);

    public async Task OpenAsync()
    {
        await FillAsync();
        await CountAsync();
    }

    /// <summary>Shows the next trace and saves the verdict behind it.</summary>
    public async Task JudgeAsync(Judgement mine)
    {
        // A key that was pressed twice speaks of a trace that is no longer shown.
        if (Current is not { } seen || seen.Trace.TraceId != mine.TraceId)
        {
            return;
        }

        var judged = new JudgedTrace(seen, mine, _time.UtcNow());
        _judged.Add(judged);
        Undoable = judged;
        ShowNext();
        judged.Saving = SaveAsync(judged);
        await Task.WhenAll(judged.Saving, FillAsync());
        await EndOfferAsync(judged);
    }

    /// <summary>Puts the current trace aside for as long as this page is open.</summary>
    public async Task SkipAsync()
    {
        if (Current is { } skipped)
        {
            _skipped.Add(skipped.Trace.TraceId);
            ShowNext();
            await Task.WhenAll(ReleaseAsync(skipped.Trace.TraceId), FillAsync());
        }
    }

    public async Task ShowSkippedAsync()
    {
        _skipped.Clear();
        await FillAsync();
    }

    /// <summary>Takes the last verdict of this page back, however long ago it was, and opens its trace again.</summary>
    public Task UndoLastAsync() => _judged.Count == 0 ? Task.CompletedTask : UndoAsync(_judged[^1]);

    /// <summary>Takes back whatever was said last of the current trace.</summary>
    public async Task UndoCurrentAsync()
    {
        if (Current is { Last: { } last } shown)
        {
            await TryAsync(() => TakeBackAsync(shown.Trace.TraceId, last.Version));
            if (_judged.RemoveAll(j => j.Trace.TraceId == shown.Trace.TraceId) > 0)
            {
                Undoable = null;
            }

            await RereadCurrentAsync();
        }
    }

    /// <summary>Opens a trace of the list. It is shown even if somebody else has it.</summary>
    public async Task GoToAsync(string traceId)
    {
        if (traceId == Current?.Trace.TraceId)
        {
            return;
        }

        if (traceId == Next?.Trace.TraceId)
        {
            (Current, Next) = (Next, Current);
            (Draft, Remark) = (null, null);
            return;
        }

        await TryAsync(() => OpenTraceAsync(traceId, draft: null));
    }

    /// <summary>Opens the neighbour of the current trace in the list, passing over what others have.</summary>
    public async Task MoveAsync(int step)
    {
        string[] open = [.. Ahead.Where(q => q.Lease is null || q.Lease.Holder == _page).Select(q => q.Trace.TraceId)];
        int at = Array.IndexOf(open, Current?.Trace.TraceId);
        int to = at < 0 ? 0 : at + step;
        if (to >= 0 && to < open.Length)
        {
            await GoToAsync(open[to]);
        }
    }

    /// <summary>Saves a verdict in spite of another one, or once more.</summary>
    public async Task InsistAsync(Trouble trouble)
    {
        if (_troubles.Remove(trouble))
        {
            var judged = new JudgedTrace(trouble.Theirs ?? trouble.Seen, trouble.Mine, _time.UtcNow());
            _judged.Add(judged);
            judged.Saving = SaveAsync(judged);
            await judged.Saving;
        }
    }

    public void Dismiss(Trouble trouble) => _troubles.Remove(trouble);

    /// <summary>Keeps the leases. To be called more often than they end.</summary>
    public async Task RenewAsync()
    {
        try
        {
            IReadOnlyList<string> held = await _desk.RenewAsync(Holder, _closed.Token);
            if (Next is { } next && !held.Contains(next.Trace.TraceId))
            {
                // The machine slept, and somebody else may have it now.
                Next = null;
                await FillAsync();
            }
        }
        catch (Exception e) when (Outage.Is(e))
        {
            // The next time will do, or the leases end.
        }
    }

    public async Task TakeAsync(LiveBatch batch)
    {
        if (batch.Missed)
        {
            _recount = true;
            await RereadCurrentAsync();
            await FillAsync(anew: true);
        }

        bool grew = false;
        foreach (LogEvent e in batch.Events)
        {
            Count(e);
            grew |= e.Action == EventAction.NewTrace;
            if (e.Action != EventAction.NewTrace)
            {
                await TakeAsync(e);
            }
        }

        // Where something is missing, whatever happened may have brought it: a new trace, or one that somebody let go.
        bool isShort = grew && Ahead.Count < ReviewQueue.Window;
        if (Current is null || Next is null || isShort)
        {
            await FillAsync(anew: true);
        }

        await TryAsync(MarkLeasesAsync);
        await CountAsync();
    }

    private async Task TakeAsync(LogEvent e)
    {
        int version = EventVersion.Of(e);
        bool waits = e.Action != EventAction.DeletedTrace && (e.Status == EvaluationStatus.Pending || Scope.Filter.Statuses.Contains(e.Status));
        if (!waits)
        {
            Ahead = [.. Ahead.Where(q => q.Trace.TraceId != e.TraceId)];
        }

        if (_judged.FindLast(j => j.Trace.TraceId == e.TraceId) is { Version: > 0 } judged && version > judged.Version)
        {
            judged.Status = e.Status;
        }

        if (Next?.Trace.TraceId == e.TraceId && (!waits || version > Next.Trace.Version))
        {
            await ReleaseAsync(e.TraceId);
            Next = null;
            await FillAsync(anew: true);
        }

        if (Current is { } shown && shown.Trace.TraceId == e.TraceId && version > shown.Trace.Version)
        {
            await RereadCurrentAsync();
            Remark = e.Action switch
            {
                EventAction.DeletedTrace => "This trace was deleted just now.",
                EventAction.Evaluated => Said(Current?.Last),
                _ => "This trace was changed just now.",
            };
        }
        else if (Current?.Trace.TraceId == e.TraceId && e.Action == EventAction.DeletedTrace)
        {
            Remark = "This trace was deleted just now.";
        }
    }

    private string? Said(Evaluation? last) => last is null || (last.Evaluator is not null && last.Evaluator == _reviewer.Name)
        ? null
        : $"{(last.Evaluator is { Length: > 0 } name ? name : "Somebody")} has just said: {TraceFormat.Status(last.Status).ToLowerInvariant()}"
            + (last.Reason is { Length: > 0 } reason ? $", {reason}." : ".");

    private void ShowNext()
    {
        (Current, Next, Draft, Remark) = (Next, null, null, null);
        _changed();
    }

    private async Task SaveAsync(JudgedTrace judged)
    {
        (Evaluation? entry, Trouble? trouble) = await _desk.JudgeAsync(judged.Seen, judged.Mine, _reviewer.Name, _closed.Token);
        if (entry is not null)
        {
            judged.Version = entry.Version;
            Shift(entry.PreviousStatus, entry.Status);
            await Task.WhenAll(ReleaseAsync(judged.Trace.TraceId), _saved(judged.Trace.TraceId));
        }
        else
        {
            _judged.Remove(judged);
            _troubles.Add(trouble!);
            Undoable = Undoable == judged ? null : Undoable;
        }

        _changed();
    }

    private async Task EndOfferAsync(JudgedTrace judged)
    {
        try
        {
            await Task.Delay(UndoOffered, _time, _closed.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (Undoable == judged)
        {
            Undoable = null;
            _changed();
        }
    }

    private async Task UndoAsync(JudgedTrace judged)
    {
        await judged.Saving;
        if (_judged.Remove(judged))
        {
            Undoable = null;
            await TryAsync(async () =>
            {
                await TakeBackAsync(judged.Trace.TraceId, judged.Version);
                await OpenTraceAsync(judged.Trace.TraceId, judged.Mine);
            });
        }
    }

    private async Task TakeBackAsync(string traceId, int version)
    {
        DecisionAnswer answer = await _desk.UndoAsync(traceId, version, _reviewer.Name, _closed.Token);
        if (answer is { Outcome: ChangeOutcome.Applied, Entry: { } entry })
        {
            Shift(entry.PreviousStatus, entry.Status);
        }
    }

    private async Task OpenTraceAsync(string traceId, Judgement? draft)
    {
        bool mine = await _desk.TryLeaseAsync(traceId, Holder, _closed.Token);
        if (await _desk.FindAsync(traceId, _closed.Token) is not { } opened)
        {
            return;
        }

        if (Current is { } left)
        {
            // Whoever comes back wants to go on where they were.
            TraceDetail? spare = Next;
            Next = left;
            if (spare is not null && spare.Trace.TraceId != traceId)
            {
                await ReleaseAsync(spare.Trace.TraceId);
            }
        }

        (Current, Draft) = (opened, draft);
        Remark = mine ? null : $"{await HolderOfAsync(traceId)} has this trace open.";
        _changed();
        await FillAsync(anew: true);
    }

    private async Task<string> HolderOfAsync(string traceId) =>
        (await _desk.LeasesAsync([traceId], _closed.Token)).GetValueOrDefault(traceId)?.Reviewer is { Length: > 0 } name ? name : "Somebody else";

    private async Task RereadCurrentAsync()
    {
        if (Current is { } shown)
        {
            await TryAsync(async () =>
            {
                TraceDetail? found = await _desk.FindAsync(shown.Trace.TraceId, _closed.Token);
                if (Current == shown && found is not null)
                {
                    Current = found;
                }
            });
        }
    }

    /// <summary>Takes what is missing: the current trace and the next one.</summary>
    /// <param name="anew">Reads the list of what waits too, even if nothing is missing.</param>
    private async Task FillAsync(bool anew = false)
    {
        await _taking.WaitAsync(_closed.Token);
        try
        {
            await TryAsync(async () =>
            {
                bool listed = false;
                while (Current is null || Next is null)
                {
                    QueueStep step = await _queue.TakeNextAsync(Holder, Mine(), _closed.Token);
                    (Ahead, Opening, listed) = (step.Ahead, false, true);
                    if (step.Taken is null)
                    {
                        break;
                    }

                    await PlaceAsync(step.Taken);
                    _changed();
                }

                if (anew && !listed)
                {
                    Ahead = await _queue.ListAsync(ReviewQueue.Window, _closed.Token);
                }
            });
        }
        finally
        {
            _taking.Release();
        }

        _changed();
    }

    /// <summary>What the queue must not give again.</summary>
    private HashSet<string> Mine() =>
    [
        .. _skipped,
        .. _judged.Where(j => j.Version == 0).Select(j => j.Trace.TraceId),
        .. _troubles.Select(t => t.Mine.TraceId),
        .. new[] { Current, Next }.OfType<TraceDetail>().Select(d => d.Trace.TraceId),
    ];

    /// <summary>While it was taken, a key may have been pressed.</summary>
    private async Task PlaceAsync(TraceDetail taken)
    {
        if (Current is null)
        {
            (Current, Draft, Remark) = (taken, null, null);
        }
        else if (Next is null)
        {
            Next = taken;
        }
        else
        {
            await ReleaseAsync(taken.Trace.TraceId);
        }
    }

    private async Task MarkLeasesAsync()
    {
        if (Ahead.Count > 0)
        {
            IReadOnlyDictionary<string, TraceLease> held = await _desk.LeasesAsync([.. Ahead.Select(q => q.Trace.TraceId)], _closed.Token);
            Ahead = [.. Ahead.Select(q => q with { Lease = held.GetValueOrDefault(q.Trace.TraceId) })];
        }
    }

    private void Count(LogEvent e)
    {
        if (!Scope.IsOfWholeModels)
        {
            _recount |= Scope.Size is not null && e.Action == EventAction.Evaluated;
            return;
        }

        if (Scope.Filter.ModelNames.Count > 0 && !Scope.Filter.ModelNames.Contains(e.ModelName))
        {
            return;
        }

        Counts = e.Action switch
        {
            EventAction.NewTrace => Counts?.With(e.Status, 1),
            EventAction.DeletedTrace => Counts?.With(e.Status, -1),
            EventAction.Evaluated when e.PreviousStatus is { } before => Counts?.With(before, -1).With(e.Status, 1),
            _ => Counts,
        };
    }

    private void Shift(EvaluationStatus from, EvaluationStatus to)
    {
        if (!Scope.IsOfWholeModels && Scope.Size is null)
        {
            Counts = Counts?.With(from, -1).With(to, 1);
        }
    }

    private async Task CountAsync()
    {
        if (_recount)
        {
            _recount = false;
            await TryAsync(async () => Counts = await _queue.CountAsync(_closed.Token));
        }
    }

    private async Task ReleaseAsync(string traceId)
    {
        try
        {
            await _desk.ReleaseAsync(traceId, Holder, _closed.Token);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            // It ends by itself.
        }
    }

    private async Task TryAsync(Func<Task> work)
    {
        TimeSpan retry = TimeSpan.FromSeconds(1);
        while (true)
        {
            try
            {
                await work();
                Unavailable = false;
                return;
            }
            catch (Exception e) when (Outage.Is(e))
            {
                Unavailable = true;
                _changed();
                await Task.Delay(retry, _time, _closed.Token);
                retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
            }
        }
    }

    /// <summary>Frees what this page holds.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_judged.Select(j => j.Saving)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _closed.CancelAsync();
        try
        {
            await _desk.ReleaseAllAsync(Holder);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            // They end by themselves.
        }
    }
}
