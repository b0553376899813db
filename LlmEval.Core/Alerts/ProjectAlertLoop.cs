using LlmEval.Core.Monitoring;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Alerts;

/// <summary>
/// Reads rules and open alerts every few seconds, and announces what was raised while its rule was muted and holds still. The one
/// replica that has the lease also follows the rules about figures, and clears what replicas left open that are gone.
/// </summary>
internal sealed partial class ProjectAlertLoop(
    AlertTable table,
    AlertLease lease,
    AlertBoard board,
    AlertOutbox outbox,
    ProjectMeasures measures,
    StorageReadiness readiness,
    IOptions<MonitoringOptions> options,
    TimeProvider time,
    ILogger<ProjectAlertLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SeenEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GoneAfter = TimeSpan.FromMinutes(2);

    private readonly RepeatedFault _fault = new(time);

    // The figures are everybody's: no replica is named.
    private readonly AlertTracker _tracker = new(replica: "");
    private DateTime _seenAt;
    private DateTime _lookedAt;
    private DateTime _steadySince;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (!Outage.Is(e) || _fault.IsNews())
                {
                    Log.Failed(logger, Outage.Is(e) ? null : e, Outage.Reason(e));
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task LookAsync(CancellationToken cancel)
    {
        await table.RefreshAsync(cancel);
        DateTime now = time.UtcNow();
        if (now - _lookedAt > 3 * Interval)
        {
            // The database was away, for others too: none of them could say that theirs still hold.
            _steadySince = now;
        }

        _lookedAt = now;
        if (now - _seenAt >= SeenEvery && board.Stored.Any(a => a.Replica == options.Value.Replica))
        {
            await table.SeeAsync(options.Value.Replica, cancel);
            _seenAt = now;
        }

        await AnnounceAsync(now, cancel);
        if (!await lease.TryTakeAsync(cancel))
        {
            _tracker.Drop();
            return;
        }

        AlertRule[] rules = [.. board.Rules.Where(rule => rule.IsEnabled && !rule.Facts.OfProcess)];
        outbox.Add(_tracker.Forget(rules, now));
        foreach (AlertRule rule in rules)
        {
            if (_tracker.Follow(rule, await measures.ReadAsync(rule, now, cancel), now, board.Stored) is { } change)
            {
                // At once: the tracker says it only once, and the next rule's figures may not be readable.
                outbox.Add([change]);
            }
        }

        outbox.Add(Abandoned(rules, now));
    }

    // Each replica tries: one whose turn it is may be of a version that announces nothing later.
    private async Task AnnounceAsync(DateTime now, CancellationToken cancel)
    {
        Alert[] untold = [.. board.Stored.Where(a => a.AnnouncedAt is null && !board.IsMuted(a))];
        foreach (Alert alert in untold)
        {
            var change = new AlertChange(alert, alert.Value, now);
            if (await table.AnnounceAsync(change, cancel))
            {
                Log.Announced(logger, AlertText.Message(change));
            }
        }

        if (untold.Length > 0)
        {
            await table.RefreshAsync(cancel);
        }
    }

    /// <summary>Open alerts whose replica is gone, or whose rule is no more. Those of this one are its own to clear.</summary>
    private IEnumerable<AlertChange> Abandoned(AlertRule[] rules, DateTime now)
    {
        HashSet<Guid> held = [.. _tracker.Open.Select(a => a.Id)];
        foreach (Alert alert in board.Stored.Where(a => a.IsOpen && !held.Contains(a.Id)))
        {
            bool isGone = alert.Replica.Length > 0
                ? alert.Replica != options.Value.Replica && now - alert.SeenAt > GoneAfter && now - _steadySince >= GoneAfter
                : !rules.Any(rule => rule.Key == alert.RuleKey);
            if (isGone)
            {
                yield return new AlertChange(alert.Cleared(now), value: null, now);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(90, LogLevel.Warning, "The rules of alerts could not be looked at, trying again: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);

        [LoggerMessage(95, LogLevel.Warning, "Alert, muted until now: {Message}")]
        public static partial void Announced(ILogger logger, string message);
    }
}
