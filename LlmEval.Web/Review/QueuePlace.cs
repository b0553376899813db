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
        (Current, Next, Draft, Remark) = (Next, null, null, null);
        changed();
    }

    /// <summary>Opens a trace of the list. It is shown even if somebody else has it.</summary>
    public async Task GoToAsync(string traceId)
    {
        if (traceId == Next?.Trace.TraceId)
        {
            (Current, Next, Draft, Remark) = (Next, Current, null, null);
        }
        else if (traceId != Current?.Trace.TraceId)
        {
            await retry.RunAsync(() => OpenAsync(traceId, draft: null), closed);
        }
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

    /// <summary>Opens a trace, with what was said of it before.</summary>
    public async Task OpenAsync(string traceId, Judgement? draft)
    {
        bool mine = await desk.TryLeaseAsync(traceId, Holder, closed);
        if (await desk.FindAsync(traceId, closed) is not { } opened)
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
                    if (Current == shown && found is not null)
                    {
                        Current = found;
                    }
                },
                closed);
        }
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
            IReadOnlyList<string> held = await desk.RenewAsync(Holder, closed);
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
            HashSet<string> except = [.. passedOver(), .. new[] { Current, Next }.OfType<TraceDetail>().Select(d => d.Trace.TraceId)];
            QueueStep step = await queue.TakeNextAsync(Holder, except, closed);
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
            Ahead = await queue.ListAsync(ReviewQueue.Window, closed);
        }
    }

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
