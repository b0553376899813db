using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Alerts;

/// <summary>Keeps the rules that people make.</summary>
public sealed class AlertRules(IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn, AlertTable alerts)
{
    public const int MostRules = 50;

    public async Task<IReadOnlyList<AlertRule>> ListAsync(int projectId, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<AlertRule>().Where(r => r.ProjectId == projectId).OrderBy(r => r.Name).ThenBy(r => r.Key).ToListAsync(cancel);
    }

    /// <summary>Adds a rule, or changes the one with its key.</summary>
    /// <returns>What is wrong with it; empty when it was saved.</returns>
    public async Task<IReadOnlyList<string>> SaveAsync(AlertRule rule, CancellationToken cancel)
    {
        if (rule.FindFaults() is { Count: > 0 } faults)
        {
            return faults;
        }

        await using (LlmEvalDb db = await databases.CreateDbContextAsync(cancel))
        using (IDisposable? writing = await turn.TakeAsync(cancel))
        {
            IQueryable<AlertRule> own = db.Set<AlertRule>().Where(r => r.ProjectId == rule.ProjectId);
            if (await own.AnyAsync(r => r.Key == rule.Key, cancel))
            {
                db.Update(rule);
            }
            else if (await own.CountAsync(cancel) >= MostRules)
            {
                return [$"There are {MostRules} rules already, which is as many as there can be."];
            }
            else
            {
                db.Add(rule);
            }

            await db.SaveChangesAsync(cancel);
        }

        await alerts.RefreshAsync(cancel);
        return [];
    }

    public async Task DeleteAsync(int projectId, string key, CancellationToken cancel)
    {
        await using (LlmEvalDb db = await databases.CreateDbContextAsync(cancel))
        using (IDisposable? writing = await turn.TakeAsync(cancel))
        {
            await db.Set<AlertRule>().Where(r => r.ProjectId == projectId && r.Key == key).ExecuteDeleteAsync(cancel);
            await db.Set<AlertMute>().Where(m => m.ProjectId == projectId && m.RuleKey == key).ExecuteDeleteAsync(cancel);
        }

        await alerts.RefreshAsync(cancel);
    }
}
