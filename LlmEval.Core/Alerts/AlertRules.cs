using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Alerts;

/// <summary>Keeps the rules that people make.</summary>
public sealed class AlertRules(IDbContextFactory<LlmEvalDb> databases, AuditedChanges changes, AlertTable alerts)
{
    public const int MostRules = 50;

    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<AlertRule>> ListAsync(int projectId, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        List<AlertRule> rules = await db.Set<AlertRule>().Where(r => r.ProjectId == projectId).ToListAsync(cancel);
        return [.. rules.Where(rule => rule.Measure.IsKnown()).OrderBy(r => r.Name, Naming.Order).ThenBy(r => r.Key, StringComparer.Ordinal)];
    }

    /// <summary>Adds a rule, or changes the one with its key.</summary>
    /// <returns>What is wrong with it; empty when it was saved.</returns>
    public async Task<IReadOnlyList<string>> SaveAsync(AlertRule rule, Actor actor, CancellationToken cancel)
    {
        if (rule.FindFaults() is { Count: > 0 } faults)
        {
            return [.. faults.Select(f => f.Text)];
        }

        string? fault = await changes.RunAsync(
            async change =>
            {
                IQueryable<AlertRule> own = change.Db.Set<AlertRule>().Where(r => r.ProjectId == rule.ProjectId);
                bool isKnown = await own.AnyAsync(r => r.Key == rule.Key, change.Cancel);
                if (!isKnown && await own.CountAsync(change.Cancel) >= MostRules)
                {
                    return $"There are {MostRules} rules already, which is as many as there can be.";
                }

                change.Db.Entry(rule).State = isKnown ? EntityState.Modified : EntityState.Added;
                change.Audit(isKnown ? "alert.rule_changed" : "alert.rule_made", rule.Name, rule.ProjectId, Detail(rule));
                return null;
            },
            actor,
            cancel);
        await alerts.RefreshAsync(cancel);
        return fault is null ? [] : [fault];
    }

    /// <returns>False when the project has no such rule.</returns>
    public async Task<bool> DeleteAsync(int projectId, string key, Actor actor, CancellationToken cancel)
    {
        bool isDeleted = await changes.RunAsync(
            async change =>
            {
                AlertRule? rule = await change.Db.Set<AlertRule>().SingleOrDefaultAsync(r => r.ProjectId == projectId && r.Key == key, change.Cancel);
                if (rule is null)
                {
                    return false;
                }

                change.Db.Remove(rule);
                await change.Db.Set<AlertMute>().Where(m => m.ProjectId == projectId && m.RuleKey == key).ExecuteDeleteAsync(change.Cancel);
                change.Audit("alert.rule_deleted", rule.Name, projectId, Detail(rule));
                return true;
            },
            actor,
            cancel);
        await alerts.RefreshAsync(cancel);
        return isDeleted;
    }

    private static object Detail(AlertRule rule) => new
    {
        measure = rule.Facts.Name,
        model_name = rule.ModelName,
        threshold = rule.Threshold,
        when_below = rule.WhenBelow,
        window_seconds = rule.WindowSeconds,
        for_seconds = rule.ForSeconds,
        enabled = rule.IsEnabled,
    };
}
