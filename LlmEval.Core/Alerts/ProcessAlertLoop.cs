using LlmEval.Core.Monitoring;
using LlmEval.Core.Primitives;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Alerts;

/// <summary>Follows the rules about this process once a second. It needs no database: that it is away is one of the things it tells.</summary>
internal sealed partial class ProcessAlertLoop(
    ProcessHistory history,
    AlertBoard board,
    AlertOutbox outbox,
    IOptions<AlertOptions> alerts,
    IOptions<MonitoringOptions> monitoring,
    TimeProvider time,
    ILogger<ProcessAlertLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly AlertTracker _tracker = new(monitoring.Value.Replica);
    private readonly IReadOnlyList<AlertRule> _builtIn = alerts.Value.ToRules();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                Look();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // A fault that is ours must not end the loop, and with it the server.
                Log.Failed(logger, e);
            }
        }
    }

    internal void Look()
    {
        DateTime now = time.UtcNow();
        AlertRule[] rules = [.. _builtIn, .. board.Rules.Where(rule => rule.IsEnabled && rule.Facts.OfProcess)];
        var changes = new List<AlertChange>(_tracker.Forget(rules, now));
        foreach (AlertRule rule in rules)
        {
            if (_tracker.Follow(rule, ProcessMeasures.Read(rule, history, now), now, board.Stored) is { } change)
            {
                changes.Add(change);
            }
        }

        // Of a process before this one under the same name, by a rule that is no more: nobody else clears it.
        HashSet<Guid> held = [.. _tracker.Open.Select(a => a.Id)];
        changes.AddRange(board.Stored
            .Where(a => a.IsOpen && a.Replica == monitoring.Value.Replica && !held.Contains(a.Id) && !rules.Any(rule => rule.Key == a.RuleKey))
            .Select(a => new AlertChange(a.Cleared(now), value: null, now)));
        outbox.Add(changes);
    }

    private static partial class Log
    {
        [LoggerMessage(94, LogLevel.Error, "The rules about this process could not be looked at.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
