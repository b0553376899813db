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

    /// <param name="before">What it takes the place of, as it was read.</param>
    /// <returns>False when something else holds by now; nothing is changed then.</returns>
    /// <exception cref="ArgumentException">It breaks a rule.</exception>
    public async Task<bool> SetAsync(RetentionPolicy policy, RetentionPolicy before, Actor actor, CancellationToken cancel)
    {
        if (policy.FindFaults() is [var fault, ..])
        {
            throw new ArgumentException(fault, nameof(policy));
        }

        return await changes.RunAsync(
            async change =>
            {
                if (!await ReplaceAsync(change, policy, before))
                {
                    return false;
                }

                change.Audit("settings.retention_changed", "retention", policy.ProjectId, new { max_days = policy.MaxDays, max_traces = policy.MaxTraces });
                return true;
            },
            actor,
            cancel);
    }

    private static async Task<bool> ReplaceAsync(AuditedTransaction change, RetentionPolicy policy, RetentionPolicy before)
    {
        IQueryable<RetentionPolicy> ofProject = change.Db.Set<RetentionPolicy>().Where(p => p.ProjectId == policy.ProjectId);
        int replaced = await ofProject.Where(p => p.MaxDays == before.MaxDays && p.MaxTraces == before.MaxTraces)
            .ExecuteUpdateAsync(p => p.SetProperty(x => x.MaxDays, policy.MaxDays).SetProperty(x => x.MaxTraces, policy.MaxTraces), change.Cancel);
        if (replaced > 0)
        {
            return true;
        }

        if (!before.KeepsAll || await ofProject.AnyAsync(change.Cancel))
        {
            return false;
        }

        change.Db.Add(policy);
        return true;
    }
}
