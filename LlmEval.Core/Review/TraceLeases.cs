using System.Collections.Concurrent;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Review;

/// <summary>Gives traces to one open page at a time, over all replicas.</summary>
public sealed class TraceLeases(IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn, ReviewSignal signal, TimeProvider time)
{
    /// <summary>A page that does not renew its leases for so long is gone.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(2);

    /// <summary>Pages of this process that may have something.</summary>
    private readonly ConcurrentDictionary<string, bool> _here = [];

    /// <summary>Takes a free trace, or one that the same page has already.</summary>
    /// <returns>False when somebody else has it.</returns>
    public async Task<bool> TryTakeAsync(int projectId, string traceId, LeaseHolder holder, CancellationToken cancel)
    {
        long now = time.UtcNow().ToUnixMicroseconds();
        long end = now + (Length.Ticks / TimeSpan.TicksPerMicrosecond);
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);

        // One statement: of two who ask at once, the second waits for the first and then finds the row not free.
        int taken = await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO trace_leases (project_id, trace_id, holder, reviewer, expires_at_micros)
            VALUES ({projectId}, {traceId}, {holder.Id}, {holder.Name}, {end})
            ON CONFLICT (project_id, trace_id) DO UPDATE
            SET holder = excluded.holder, reviewer = excluded.reviewer, expires_at_micros = excluded.expires_at_micros
            WHERE trace_leases.holder = excluded.holder OR trace_leases.expires_at_micros <= {now}
            """,
            cancel);
        if (taken > 0)
        {
            _here.TryAdd(holder.Id, true);
            signal.Raise();
        }

        return taken > 0;
    }

    /// <summary>Keeps what a page holds for another while, and lets others see the name by which it goes now.</summary>
    /// <returns>The traces that it still holds: one that had expired may be somebody else's.</returns>
    public async Task<IReadOnlyList<string>> RenewAsync(int projectId, LeaseHolder holder, CancellationToken cancel)
    {
        long end = (time.UtcNow() + Length).ToUnixMicroseconds();
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        IQueryable<TraceLease> held = db.Set<TraceLease>().Where(l => l.ProjectId == projectId && l.Holder == holder.Id);
        await held.ExecuteUpdateAsync(l => l.SetProperty(x => x.ExpiresAtMicros, end).SetProperty(x => x.Reviewer, holder.Name), cancel);
        return await held.Select(l => l.TraceId).ToListAsync(cancel);
    }

    /// <summary>Which of these traces somebody has.</summary>
    public async Task<IReadOnlyDictionary<string, TraceLease>> FindAsync(int projectId, IReadOnlyList<string> traceIds, CancellationToken cancel)
    {
        string[] asked = [.. traceIds];
        long now = time.UtcNow().ToUnixMicroseconds();
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<TraceLease>()
            .Where(l => l.ProjectId == projectId && EF.Parameter(asked).Contains(l.TraceId) && l.ExpiresAtMicros > now)
            .ToDictionaryAsync(l => l.TraceId, cancel);
    }

    /// <summary>Frees a trace, if the page has it.</summary>
    public Task ReleaseAsync(int projectId, string traceId, LeaseHolder holder, CancellationToken cancel) =>
        DeleteAsync(projectId, holder, l => l.Where(x => x.TraceId == traceId), cancel);

    /// <summary>Frees everything that a page has.</summary>
    public async Task ReleaseAllAsync(int projectId, LeaseHolder holder, CancellationToken cancel)
    {
        await DeleteAsync(projectId, holder, l => l, cancel);
        _here.TryRemove(holder.Id, out _);
    }

    /// <summary>Frees everything that pages of this process have.</summary>
    public async Task ReleaseHereAsync(CancellationToken cancel)
    {
        string[] holders = [.. _here.Keys];
        if (holders.Length > 0)
        {
            await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
            using IDisposable? writing = await turn.TakeAsync(cancel);
            await db.Set<TraceLease>().Where(l => EF.Parameter(holders).Contains(l.Holder)).ExecuteDeleteAsync(cancel);
        }
    }

    private async Task DeleteAsync(
        int projectId, LeaseHolder holder, Func<IQueryable<TraceLease>, IQueryable<TraceLease>> which, CancellationToken cancel)
    {
        // What pages left behind that ended without a word goes along.
        long longAgo = (time.UtcNow() - (10 * Length)).ToUnixMicroseconds();
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        IQueryable<TraceLease> all = db.Set<TraceLease>().Where(l => l.ProjectId == projectId);
        int freed = await which(all.Where(l => l.Holder == holder.Id)).ExecuteDeleteAsync(cancel);
        await all.Where(l => l.ExpiresAtMicros < longAgo).ExecuteDeleteAsync(cancel);
        if (freed > 0)
        {
            signal.Raise();
        }
    }
}
