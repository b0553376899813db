using LlmEval.Core.Access;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Retention;

/// <summary>Reads and sets what projects keep.</summary>
public sealed class RetentionPolicies(IDbContextFactory<LlmEvalDb> databases, AuditedChanges changes)
{
    /// <returns>One that keeps all when none was set.</returns>
    public async Task<RetentionPolicy> ReadAsync(int projectId, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<RetentionPolicy>().SingleOrDefaultAsync(p => p.ProjectId == projectId, cancel)
            ?? new RetentionPolicy { ProjectId = projectId };
    }

    /// <summary>Those that do not keep all.</summary>
    public async Task<IReadOnlyList<RetentionPolicy>> ListAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<RetentionPolicy>().Where(p => p.MaxDays != null || p.MaxTraces != null).OrderBy(p => p.ProjectId).ToListAsync(cancel);
    }

    /// <exception cref="ArgumentException">It breaks a rule.</exception>
    public async Task SetAsync(RetentionPolicy policy, Actor actor, CancellationToken cancel)
    {
        if (policy.FindFaults() is [var fault, ..])
        {
            throw new ArgumentException(fault, nameof(policy));
        }

        await changes.RunAsync(
            async change =>
            {
                bool isKnown = await change.Db.Set<RetentionPolicy>().AnyAsync(p => p.ProjectId == policy.ProjectId, change.Cancel);
                change.Db.Entry(policy).State = isKnown ? EntityState.Modified : EntityState.Added;
                change.Audit("settings.retention_changed", "retention", policy.ProjectId, new { max_days = policy.MaxDays, max_traces = policy.MaxTraces });
                return isKnown;
            },
            actor,
            cancel);
    }
}
