using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Retention;

/// <param name="Stored">All traces of the project.</param>
/// <param name="Going">How many of them would go.</param>
/// <param name="Oldest">When the oldest of these happened.</param>
/// <param name="Newest">When the newest of these happened.</param>
public sealed record RetentionPreview(long Stored, long Going, DateTime? Oldest, DateTime? Newest);

/// <summary>Finds what is past keeping. Walks the index of time, never the traces themselves.</summary>
public sealed class RetentionQueries(IDbContextFactory<LlmEvalDb> databases, TimeProvider time)
{
    public async Task<RetentionPreview> PreviewAsync(RetentionPolicy policy, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        IQueryable<Trace> traces = db.Set<Trace>().Where(t => t.ProjectId == policy.ProjectId);
        long stored = await traces.LongCountAsync(cancel);
        if (await FindLimitAsync(db, policy, cancel) is not { } limit)
        {
            return new RetentionPreview(stored, 0, null, null);
        }

        IQueryable<Trace> going = PastKeeping(db, policy.ProjectId, limit);
        return new RetentionPreview(
            stored,
            await going.LongCountAsync(cancel),
            await going.MinAsync(t => (DateTime?)t.Timestamp, cancel),
            await going.MaxAsync(t => (DateTime?)t.Timestamp, cancel));
    }

    /// <summary>The first trace that is kept, or the moment before which none is; null keeps all.</summary>
    internal async Task<Cursor?> FindLimitAsync(LlmEvalDb db, RetentionPolicy policy, CancellationToken cancel)
    {
        Cursor? limit = policy.MaxDays is { } days ? new Cursor(time.UtcNow().AddDays(-days), 0) : null;
        if (policy.MaxTraces is { } most)
        {
            var oldestKept = await db.Set<Trace>()
                .Where(t => t.ProjectId == policy.ProjectId)
                .OrderByDescending(t => t.Timestamp).ThenByDescending(t => t.Id)
                .Skip((int)most - 1)
                .Select(t => new { t.Timestamp, t.Id })
                .FirstOrDefaultAsync(cancel);
            if (oldestKept is not null && (limit is null || oldestKept.Timestamp > limit.Timestamp))
            {
                limit = new Cursor(oldestKept.Timestamp, oldestKept.Id);
            }
        }

        return limit;
    }

    internal static IQueryable<Trace> PastKeeping(LlmEvalDb db, int projectId, Cursor limit) => db.Set<Trace>()
        .Where(t => t.ProjectId == projectId && t.Timestamp <= limit.Timestamp && (t.Timestamp < limit.Timestamp || t.Id < limit.Id));
}
