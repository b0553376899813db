using System.Diagnostics.CodeAnalysis;
using LlmEval.Core.Review;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Web.Live;

namespace LlmEval.Web.Review;

/// <summary>
/// Where one page stands in a queue: the trace that is looked at and the one after it, both leased and read, and the list that they
/// are from.
/// </summary>
/// <param name="passedOver">Traces that the queue must not give, besides those that are here.</param>
/// <param name="changed">Called when something is to be shown.</param>
public sealed class QueuePlace(
    ReviewDesk desk,
    ReviewQueue queue,
    CurrentReviewer reviewer,
    OutageRetry retry,
    Func<IEnumerable<string>> passedOver,
    Action changed,
    CancellationToken closed)
{
    private readonly SemaphoreSlim _taking = new(1, 1);
    private readonly string _page = Guid.NewGuid().ToString("N");

    /// <summary>The current trace is leased here. The next one always is.</summary>
    private bool _holdsCurrent;

    /// <summary>What waits above the place where the reviewer stands, and there: they go on downwards.</summary>
    private HashSet<string> _passed = [];

    /// <summary>This page, as others see it.</summary>
    public LeaseHolder Holder => new(_page, reviewer.Name);

    /// <summary>The trace that is looked at.</summary>
    public TraceDetail? Current { get; private set; }

    /// <summary>What was said of the current trace before it was opened again.</summary>
    public Judgement? Draft { get; private set; }

    /// <summary>Why the current trace may need a second look: somebody else has it, judged it, or it is gone.</summary>
    public string? Remark { get; set; }

    public TraceDetail? Next { get; private set; }

    /// <summary>What waits, in order; the current and the next trace are among it.</summary>
    public IReadOnlyList<QueuedTrace> Ahead { get; private set; } = [];

    /// <summary>Nothing was read yet.</summary>
    public bool Opening { get; private set; } = true;

    public bool IsShort => Current is null || Next is null;

    public void ShowNext()
    {
        MarkPassed();
        (Current, Next, Draft, Remark, _holdsCurrent) = (Next, null, null, null, Next is not null);
        changed();
    }

    /// <summary>Opens a trace of the list. It is shown even if somebody else has it.</summary>
    public async Task GoToAsync(string traceId)
    {
        if (Next is { } next && next.Trace.TraceId == traceId)
        {
            await SwapAsync(next);
        }
        else if (traceId != Current?.Trace.TraceId)
        {
            await retry.RunAsync(() => OpenAsync(traceId, draft: null, isReturn: false), closed);
        }
    }

    /// <summary>Opens the neighbour of the current trace in the list, passing over what others have.</summary>
    public async Task MoveAsync(int step)
    {
        int at = Current is { } shown ? IndexOf(shown.Trace.TraceId) : -1;
        if (at < 0 && (Next?.Trace.TraceId ?? Ahead.FirstOrDefault(IsOpen)?.Trace.TraceId) is { } nearest)
        {
            await GoToAsync(nearest);
        }

        for (int to = at + step; at >= 0 && to >= 0 && to < Ahead.Count; to += step)
        {
            if (IsOpen(Ahead[to]))
            {
                await GoToAsync(Ahead[to].Trace.TraceId);
                return;
            }
        }
    }

    /// <summary>Goes on from the top of the list.</summary>
    public Task BeginAgainAsync()
    {
        _passed = [];
        return FillAsync();
    }

    /// <summary>Opens a trace again, with what was said of it before; the one that was looked at comes next.</summary>
    public Task ReturnToAsync(string traceId, Judgement? draft) => OpenAsync(traceId, draft, isReturn: true);

    private async Task OpenAsync(string traceId, Judgement? draft, bool isReturn)
    {
        bool mine = await desk.TryLeaseAsync(traceId, Holder, closed);
        if (await desk.FindAsync(traceId, closed) is not { } opened)
        {
            await ReleaseAsync(traceId);
            return;
        }

        TraceDetail? left = Other(Current, traceId);
        TraceDetail? spare = Other(Next, traceId);
        string? below = isReturn ? null : Below(traceId);
        bool MayFollow(TraceDetail? detail) => below is null || detail?.Trace.TraceId == below;
        TraceDetail? next = ComesNext(left) && MayFollow(left) ? left : MayFollow(spare) ? spare : null;
        (Current, Next, Draft, Remark, _holdsCurrent) = (opened, next, draft, null, mine);
        foreach (TraceDetail freed in new[] { left, spare }.OfType<TraceDetail>().Where(d => d != next))
        {
            await ReleaseAsync(freed.Trace.TraceId);
        }

        if (!mine)
        {
            await RemarkOnHolderAsync(opened);
        }

        changed();
        await FillAsync(anew: true);
    }

    /// <summary>Reads the current trace again.</summary>
    public async Task RereadAsync()
    {
        if (Current is { } shown)
        {
            await retry.RunAsync(
                async () =>
                {
                    TraceDetail? found = await desk.FindAsync(shown.Trace.TraceId, closed);
                    if (Current == shown)
                    {
                        // One that is gone stays in view, and does not come next.
                        (Current, _holdsCurrent) = (found ?? shown, _holdsCurrent && found is not null);
                    }
                },
                closed);
        }
    }

    /// <summary>Reads everything anew: what happened to it meanwhile was not told.</summary>
    public async Task VerifyAsync()
    {
        await RereadAsync();
        await RenewAsync();
        if (Next is { } next && !await retry.RunAsync(() => StandsAsync(next), closed) && Next == next)
        {
            await ReplaceNextAsync();
        }

        await FillAsync(anew: true);
    }

    /// <summary>Takes what is missing: the current trace and the next one.</summary>
    /// <param name="anew">Reads the list of what waits too, even if nothing is missing.</param>
    public async Task FillAsync(bool anew = false)
    {
        await _taking.WaitAsync(closed);
        try
        {
            await retry.RunAsync(() => TakeMissingAsync(anew), closed);
        }
        finally
        {
            _taking.Release();
        }

        changed();
    }

    /// <summary>It waits no longer.</summary>
    public void TakeOff(string traceId) => Ahead = [.. Ahead.Where(q => q.Trace.TraceId != traceId)];

    /// <summary>Lets the next trace go and takes another.</summary>
    public async Task ReplaceNextAsync()
    {
        if (Next is { } next)
        {
            await ReleaseAsync(next.Trace.TraceId);
            Next = null;
            await FillAsync(anew: true);
        }
    }

    /// <summary>Keeps the leases. To be called more often than they end.</summary>
    public async Task RenewAsync()
    {
        try
        {
            // The machine slept, and somebody else may have now what is not held any more.
            IReadOnlyList<string> held = await desk.RenewAsync(Holder, closed);
            if (Current is { } shown && _holdsCurrent && !held.Contains(shown.Trace.TraceId))
            {
                await TakeCurrentAgainAsync(shown);
            }

            if (Next is { } next && !held.Contains(next.Trace.TraceId))
            {
                Next = null;
                await FillAsync();
            }
        }
        catch (Exception e) when (Outage.Is(e))
        {
            // The next time will do, or the leases end.
        }
    }

    public Task MarkLeasesAsync() => retry.RunAsync(
        async () =>
        {
            if (Ahead.Count > 0)
            {
                IReadOnlyDictionary<string, TraceLease> held = await desk.LeasesAsync([.. Ahead.Select(q => q.Trace.TraceId)], closed);
                Ahead = [.. Ahead.Select(q => q with { Lease = held.GetValueOrDefault(q.Trace.TraceId) })];
            }
        },
        closed);

    public Task ReleaseAsync(string traceId) => QuietlyAsync(() => desk.ReleaseAsync(traceId, Holder, closed));

    /// <summary>Frees what this page holds, also after it was closed.</summary>
    public Task LeaveAsync() => QuietlyAsync(() => desk.ReleaseAllAsync(Holder));

    private async Task TakeMissingAsync(bool anew)
    {
        bool listed = false;
        while (IsShort)
        {
            MarkPassed();
            HashSet<string> except = [.. passedOver(), .. new[] { Current, Next }.OfType<TraceDetail>().Select(d => d.Trace.TraceId)];
            QueueStep step = await queue.TakeNextAsync(Holder, except, _passed, closed);
            (Ahead, Opening, listed) = (step.Ahead, false, true);
            if (step.Taken is null)
            {
                break;
            }

            await PlaceAsync(step.Taken);
            changed();
        }

        if (anew && !listed)
        {
            MarkPassed();
            Ahead = await queue.ListAsync(ReviewQueue.Window + _passed.Count, closed);
        }
    }

    // A trace that waits no longer has no place in the list: then it stays where one was.
    private void MarkPassed()
    {
        if (Current is { } shown && IndexOf(shown.Trace.TraceId) is >= 0 and var at)
        {
            _passed = [.. Ahead.Take(at + 1).Select(q => q.Trace.TraceId)];
        }
    }

    /// <summary>The next one down the list that this page may have; null when there is none, or the trace is not in the list.</summary>
    private string? Below(string traceId)
    {
        HashSet<string> over = [.. passedOver()];
        int at = IndexOf(traceId);
        return at < 0 ? null : Ahead.Skip(at + 1).FirstOrDefault(q => IsOpen(q) && !over.Contains(q.Trace.TraceId))?.Trace.TraceId;
    }

    private int IndexOf(string traceId) => Ahead.ToList().FindIndex(q => q.Trace.TraceId == traceId);

    private bool IsOpen(QueuedTrace queued) => queued.Lease is null || queued.Lease.Holder == _page;

    /// <summary>While it was taken, a key may have been pressed.</summary>
    private async Task PlaceAsync(TraceDetail taken)
    {
        if (taken.Trace.TraceId == Current?.Trace.TraceId || taken.Trace.TraceId == Next?.Trace.TraceId)
        {
            // Opened by hand, with the same lease: another comes next.
            return;
        }

        if (Current is null)
        {
            (Current, Draft, Remark, _holdsCurrent) = (taken, null, null, true);
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

    /// <summary>Goes on to the next trace, and on from there.</summary>
    private async Task SwapAsync(TraceDetail next)
    {
        TraceDetail? left = Current;
        bool comesNext = ComesNext(left) && (Below(next.Trace.TraceId) ?? left.Trace.TraceId) == left.Trace.TraceId;
        (Current, Next, Draft, Remark, _holdsCurrent) = (next, comesNext ? left : null, null, null, true);
        if (!comesNext)
        {
            changed();
            await (left is null ? Task.CompletedTask : ReleaseAsync(left.Trace.TraceId));
            await FillAsync();
        }
    }

    private async Task TakeCurrentAgainAsync(TraceDetail shown)
    {
        bool mine = await desk.TryLeaseAsync(shown.Trace.TraceId, Holder, closed);
        if (Current?.Trace.TraceId != shown.Trace.TraceId)
        {
            await ReleaseAsync(shown.Trace.TraceId);
            return;
        }

        _holdsCurrent = mine;
        if (!mine)
        {
            await RemarkOnHolderAsync(shown);
            changed();
        }
    }

    /// <summary>Whoever goes back and forth wants to go on where they were, unless that is judged by now or is somebody else's.</summary>
    private bool ComesNext([NotNullWhen(true)] TraceDetail? left) =>
        left is not null && _holdsCurrent && Waits(left) && !passedOver().Contains(left.Trace.TraceId);

    private bool Waits(TraceDetail detail) => queue.Scope.Waiting.Contains(detail.Trace.Status);

    private async Task<bool> StandsAsync(TraceDetail read) =>
        await desk.FindAsync(read.Trace.TraceId, closed) is { } now && now.Trace.Version == read.Trace.Version && Waits(now);

    private static TraceDetail? Other(TraceDetail? detail, string traceId) => detail?.Trace.TraceId == traceId ? null : detail;

    private async Task RemarkOnHolderAsync(TraceDetail detail)
    {
        string holder = await HolderOfAsync(detail.Trace.TraceId);
        if (Current?.Trace.TraceId == detail.Trace.TraceId)
        {
            Remark = $"{holder} has this trace open.";
        }
    }

    private async Task<string> HolderOfAsync(string traceId) =>
        (await desk.LeasesAsync([traceId], closed)).GetValueOrDefault(traceId)?.Reviewer is { Length: > 0 } name ? name : "Somebody else";

    private static async Task QuietlyAsync(Func<Task> release)
    {
        try
        {
            await release();
        }
        catch (Exception e) when (Outage.Is(e))
        {
            // Leases end by themselves.
        }
    }
}
