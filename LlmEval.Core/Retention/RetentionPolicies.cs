using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Retention;

/// <summary>Reads and sets what projects keep.</summary>
public sealed class RetentionPolicies(IDbContextFactory<LlmEvalDb> databases)
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
    public async Task SetAsync(RetentionPolicy policy, CancellationToken cancel)
    {
        if (policy.FindFaults() is [var fault, ..])
        {
            throw new ArgumentException(fault, nameof(policy));
        }

        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        int changed = await db.Set<RetentionPolicy>()
            .Where(p => p.ProjectId == policy.ProjectId)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.MaxDays, policy.MaxDays).SetProperty(p => p.MaxTraces, policy.MaxTraces), cancel);
        if (changed == 0)
        {
            db.Add(policy);
            await db.SaveChangesAsync(cancel);
        }
    }
}
