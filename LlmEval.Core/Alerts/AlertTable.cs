using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Alerts;

/// <summary>Keeps alerts in the database. Raising and clearing one and its event are one transaction.</summary>
public sealed class AlertTable(
    IDbContextFactory<LlmEvalDb> databases, ILoggedChange changes, AuditedChanges audited, IWriteTurn turn, AlertBoard board, TimeProvider time)
{
    /// <summary>Writes what was raised or cleared; a second time changes nothing.</summary>
    internal async Task WriteAsync(AlertChange change, CancellationToken cancel)
    {
        await (change.IsRaised ? RaiseAsync(change, cancel) : ClearAsync(change, cancel));
        board.Note(change);
    }

    private Task RaiseAsync(AlertChange change, CancellationToken cancel)
    {
        Alert a = change.Alert;
        return changes.ApplyAsync(
            $"""
            INSERT INTO alerts (id, project_id, rule_key, name, measure, model_name, replica, when_below, threshold, value, raised_at, seen_at, announced_at)
            VALUES ({a.Id}, {a.ProjectId}, {a.RuleKey}, {a.Name}, {(short)a.Measure}, {a.ModelName}, {a.Replica}, {a.WhenBelow},
                {a.Threshold}, {a.Value}, {a.RaisedAt}, {time.UtcNow()}, {a.AnnouncedAt})
            ON CONFLICT (id) DO NOTHING
            """,
            a.AnnouncedAt is null ? null : AlertEvents.Of(change),
            cancel);
    }

    /// <summary>That it is over is told if it was told that it began: the row knows, another replica may have told it a moment ago.</summary>
    private async Task ClearAsync(AlertChange change, CancellationToken cancel)
    {
        (Guid id, DateTime at) = (change.Alert.Id, change.Alert.ClearedAt!.Value);

        // The third time for one that was announced between the first and the second.
        _ = await AloudAsync() || await SilentlyAsync() || await AloudAsync();

        Task<bool> AloudAsync() => changes.ApplyAsync(
            $"UPDATE alerts SET cleared_at = {at} WHERE id = {id} AND cleared_at IS NULL AND announced_at IS NOT NULL", AlertEvents.Of(change), cancel);

        Task<bool> SilentlyAsync() => changes.ApplyAsync(
            $"UPDATE alerts SET cleared_at = {at} WHERE id = {id} AND cleared_at IS NULL AND announced_at IS NULL", null, cancel);
    }

    /// <summary>Announces an open alert that was not announced when it was raised, once for all replicas.</summary>
    /// <returns>False when another did, or it is over.</returns>
    internal Task<bool> AnnounceAsync(AlertChange change, CancellationToken cancel) =>
        changes.ApplyAsync(
            $"UPDATE alerts SET announced_at = {change.At} WHERE id = {change.Alert.Id} AND announced_at IS NULL AND cleared_at IS NULL",
            AlertEvents.Of(change),
            cancel);

    /// <summary>Reads what the board shows.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        List<Alert> open = [.. (await db.Set<Alert>().Where(a => a.ClearedAt == null).ToListAsync(cancel)).Where(a => a.Measure.IsKnown())];
        List<AlertRule> rules = [.. (await db.Set<AlertRule>().ToListAsync(cancel)).Where(rule => rule.Measure.IsKnown())];
        List<AlertMute> mutes = await db.Set<AlertMute>().ToListAsync(cancel);
        board.Take(open, rules, mutes);
    }

    /// <summary>The alerts of the server and of a project, the newest first.</summary>
    public async Task<IReadOnlyList<Alert>> ListAsync(int projectId, int limit, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        List<Alert> newest = await db.Set<Alert>()
            .Where(a => a.ProjectId == projectId || a.ProjectId == AlertRule.Server)
            .OrderByDescending(a => a.RaisedAt).ThenByDescending(a => a.Id)
            .Take(limit)
            .ToListAsync(cancel);
        return newest.FindAll(a => a.Measure.IsKnown());
    }

    /// <returns>Whose it is: a project's id, or <see cref="AlertRule.Server"/>; null when there is no such alert.</returns>
    public async Task<int?> FindOwnerAsync(Guid alertId, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Alert>().Where(a => a.Id == alertId).Select(a => (int?)a.ProjectId).SingleOrDefaultAsync(cancel);
    }

    /// <summary>Says that somebody looks after it.</summary>
    /// <param name="by">Null for somebody who has no name.</param>
    /// <returns>False when it is not written yet, or somebody did before.</returns>
    public async Task<bool> AcknowledgeAsync(int projectId, Guid alertId, string? by, Actor actor, CancellationToken cancel)
    {
        bool isFirst = await audited.RunAsync(
            async change =>
            {
                IQueryable<Alert> waiting = change.Db.Set<Alert>()
                    .Where(a => a.Id == alertId && a.AcknowledgedAt == null && (a.ProjectId == projectId || a.ProjectId == AlertRule.Server));
                string? name = await waiting.Select(a => a.Name).SingleOrDefaultAsync(change.Cancel);
                if (name is null || await waiting.ExecuteUpdateAsync(
                    set => set.SetProperty(a => a.AcknowledgedAt, change.Now).SetProperty(a => a.AcknowledgedBy, by), change.Cancel) == 0)
                {
                    return false;
                }

                change.Audit("alert.acknowledged", name, projectId, new { alert = alertId });
                return true;
            },
            actor,
            cancel);
        await RefreshAsync(cancel);
        return isFirst;
    }

    /// <param name="projectId">Whose rule it is: a project, or the server.</param>
    /// <param name="until">Null announces the rule's alerts again.</param>
    public async Task MuteAsync(int projectId, string ruleKey, DateTime? until, Actor actor, CancellationToken cancel)
    {
        await audited.RunAsync(
            async change =>
            {
                int had = await change.Db.Set<AlertMute>().Where(m => m.ProjectId == projectId && m.RuleKey == ruleKey).ExecuteDeleteAsync(change.Cancel);
                if (until is { } end)
                {
                    change.Db.Add(new AlertMute { ProjectId = projectId, RuleKey = ruleKey, Until = end });
                    change.Audit("alert.muted", ruleKey, OrNull(projectId), new { until = end });
                }
                else if (had > 0)
                {
                    change.Audit("alert.unmuted", ruleKey, OrNull(projectId));
                }

                return had;
            },
            actor,
            cancel);
        await RefreshAsync(cancel);
    }

    private static int? OrNull(int projectId) => projectId == AlertRule.Server ? null : projectId;

    /// <summary>Says that the alerts of this replica still hold.</summary>
    internal async Task SeeAsync(string replica, CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        await db.Set<Alert>().Where(a => a.Replica == replica && a.ClearedAt == null).ExecuteUpdateAsync(set => set.SetProperty(a => a.SeenAt, now), cancel);
    }
}
