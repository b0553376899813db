using System.Collections.Concurrent;
using System.Linq.Expressions;
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
        FreeAsync(l => l.ProjectId == projectId && l.TraceId == traceId && l.Holder == holder.Id, cancel);

    /// <summary>Frees everything that a page has.</summary>
    public async Task ReleaseAllAsync(int projectId, LeaseHolder holder, CancellationToken cancel)
    {
        await FreeAsync(l => l.ProjectId == projectId && l.Holder == holder.Id, cancel);
        _here.TryRemove(holder.Id, out _);
    }

    /// <summary>Frees everything that pages of this process have.</summary>
    public Task ReleaseHereAsync(CancellationToken cancel)
    {
        string[] holders = [.. _here.Keys];
        return holders.Length == 0 ? Task.CompletedTask : FreeAsync(l => EF.Parameter(holders).Contains(l.Holder), cancel);
    }

    private async Task FreeAsync(Expression<Func<TraceLease, bool>> which, CancellationToken cancel)
    {
        // What pages left behind that ended without a word goes along.
        long longAgo = (time.UtcNow() - (10 * Length)).ToUnixMicroseconds();
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        int freed = await db.Set<TraceLease>().Where(which).ExecuteDeleteAsync(cancel);
        await db.Set<TraceLease>().Where(l => l.ExpiresAtMicros < longAgo).ExecuteDeleteAsync(cancel);
        if (freed > 0)
        {
            signal.Raise();
        }
    }
}
