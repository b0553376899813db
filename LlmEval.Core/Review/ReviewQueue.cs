using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Review;

/// <summary>One reviewer's walk along a queue. For one caller at a time.</summary>
public sealed class ReviewQueue
{
    /// <summary>How far ahead one looks.</summary>
    public const int Window = 30;

    private readonly int _projectId;
    private readonly IDbContextFactory<LlmEvalDb> _databases;
    private readonly ReviewPick _pick;
    private readonly TraceDetailQueries _details;
    private readonly TraceLeases _leases;

    /// <summary>Rows in the order of the queue. Null until they are picked.</summary>
    private long[]? _picked;

    internal ReviewQueue(
        int projectId,
        ReviewScope scope,
        IDbContextFactory<LlmEvalDb> databases,
        ReviewPick pick,
        TraceDetailQueries details,
        TraceLeases leases)
    {
        _projectId = projectId;
        Scope = scope;
        _databases = databases;
        _pick = pick;
        _details = details;
        _leases = leases;
    }

    public ReviewScope Scope { get; }

    /// <summary>Leases the first trace that nobody else has: below those that were passed, and when nothing is left there, from the top.</summary>
    /// <param name="except">Traces that are not to be taken: those that the page has already, and those it skipped.</param>
    /// <param name="passed">What lies above the place where the reviewer stands.</param>
    public async Task<QueueStep> TakeNextAsync(LeaseHolder holder, IReadOnlySet<string> except, IReadOnlySet<string> passed, CancellationToken cancel)
    {
        for (int limit = Window + except.Count + passed.Count; ; limit *= 2)
        {
            IReadOnlyList<QueuedTrace> ahead = await ListAsync(limit, cancel);
            bool isAll = ahead.Count < limit;
            QueuedTrace[] above = [.. ahead.Take(1 + ahead.ToList().FindLastIndex(q => passed.Contains(q.Trace.TraceId)))];
            foreach (QueuedTrace queued in ahead.Skip(above.Length).Concat(isAll ? above : []))
            {
                string traceId = queued.Trace.TraceId;
                bool mayBeFree = queued.Lease is null || queued.Lease.Holder == holder.Id;
                if (mayBeFree && !except.Contains(traceId) && await TakeAsync(traceId, holder, cancel) is { } taken)
                {
                    return new QueueStep(ahead, taken);
                }
            }

            if (isAll)
            {
                return new QueueStep(ahead, Taken: null);
            }
        }
    }

    /// <summary>The next traces in order, those that somebody has among them.</summary>
    public async Task<IReadOnlyList<QueuedTrace>> ListAsync(int limit, CancellationToken cancel)
    {
        await using LlmEvalDb db = await _databases.CreateDbContextAsync(cancel);
        IReadOnlyList<TraceSummary> waiting = await TraceSummaries.ReadAsync(db, await NextRowsAsync(db, limit, cancel), cancel);
        IReadOnlyDictionary<string, TraceLease> held = await _leases.FindAsync(_projectId, [.. waiting.Select(t => t.TraceId)], cancel);
        return [.. waiting.Select(t => new QueuedTrace(t, held.GetValueOrDefault(t.TraceId)))];
    }

    /// <summary>How far the queue has come.</summary>
    public async Task<QueueReading> CountAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await _databases.CreateDbContextAsync(cancel);
        long[]? sample = Scope.Size is null ? null : await PickedAsync(db, cancel);
        return await QueueCounter.CountAsync(db, _projectId, Scope, sample, cancel);
    }

    private async Task<TraceDetail?> TakeAsync(string traceId, LeaseHolder holder, CancellationToken cancel)
    {
        if (!await _leases.TryTakeAsync(_projectId, traceId, holder, cancel))
        {
            return null;
        }

        // Between the list and the lease somebody may have judged it.
        TraceDetail? detail = await _details.FindAsync(_projectId, traceId, cancel);
        if (detail is not null && Scope.Waiting.Contains(detail.Trace.Status))
        {
            return detail;
        }

        await _leases.ReleaseAsync(_projectId, traceId, holder, cancel);
        return null;
    }

    private async Task<long[]> NextRowsAsync(LlmEvalDb db, int limit, CancellationToken cancel)
    {
        if (Scope.Size is null && Scope.Order is ReviewOrder.Newest or ReviewOrder.Oldest)
        {
            return await _pick.ByTimeAsync(db, _projectId, Scope, limit, cancel);
        }

        bool pickedBefore = _picked is not null;
        long[] waiting = await WaitingAsync(db, await PickedAsync(db, cancel), cancel);
        if (waiting.Length < limit && pickedBefore && Scope.Size is null)
        {
            // Others wait that were not picked yet. Those that still wait keep their places: some may be passed over for long.
            long[] more = await _pick.PickAsync(db, _projectId, Scope, waiting.Length, cancel);
            _picked = waiting = [.. waiting, .. more.Except(waiting)];
        }

        return [.. waiting.Take(limit)];
    }

    private async Task<long[]> PickedAsync(LlmEvalDb db, CancellationToken cancel) =>
        _picked ??= await _pick.PickAsync(db, _projectId, Scope, held: 0, cancel);

    private async Task<long[]> WaitingAsync(LlmEvalDb db, long[] rows, CancellationToken cancel)
    {
        List<EvaluationStatus> statuses = [.. Scope.Waiting];
        HashSet<long> waiting = await db.Set<Trace>()
            .Where(t => EF.Parameter(rows).Contains(t.Id) && statuses.Contains(t.Status))
            .Select(t => t.Id)
            .ToHashSetAsync(cancel);
        return [.. rows.Where(waiting.Contains)];
    }
}
