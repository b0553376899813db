using LlmEval.Core.Events;
using LlmEval.Core.Monitoring;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Alerts;

/// <summary>
/// Writes what was raised and cleared. While the database is away or slow, streams and webhooks are told at once and it is written when
/// that can be done.
/// </summary>
internal sealed partial class AlertWriter(
    AlertOutbox outbox,
    AlertTable table,
    AlertBoard board,
    EventNotices notices,
    DependencyProbe probe,
    StorageReadiness readiness,
    TimeProvider time,
    ILogger<AlertWriter> logger) : BackgroundService
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (AlertChange change in outbox.ReadAllAsync(stoppingToken))
        {
            bool muted = board.IsMuted(change.Alert);
            if (!muted)
            {
                Log.Changed(logger, AlertText.Message(change));
            }

            bool noticed = muted;
            while (true)
            {
                Task<bool> writing = TryWriteAsync(change, stoppingToken);
                if (!noticed && !await IsWrittenSoonAsync(writing, change, stoppingToken))
                {
                    notices.Publish(AlertEvents.Of(change));
                    noticed = true;
                }

                if (await writing)
                {
                    break;
                }

                await Task.Delay(RetryAfter, time, stoppingToken);
            }
        }
    }

    // A database that stalls is a reason for an alert: who waits for one does not wait for that too, nor for the one before.
    private async Task<bool> IsWrittenSoonAsync(Task<bool> writing, AlertChange change, CancellationToken stop)
    {
        TimeSpan left = change.At + Soon - time.UtcNow();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(writing, Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, limit.Token));
        await limit.CancelAsync();
        return writing.IsCompletedSuccessfully && writing.Result;
    }

    private async Task<bool> TryWriteAsync(AlertChange change, CancellationToken stop)
    {
        if (!readiness.IsReady || !probe.Found.DatabaseUp)
        {
            return false;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using ITimer timer = time.CreateTimer(_ => limit.Cancel(), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            await table.WriteAsync(change, limit.Token);
            return true;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            bool isAway = Outage.Is(e) || limit.IsCancellationRequested;
            Log.Failed(logger, isAway ? null : e, e.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(91, LogLevel.Warning, "Alert: {Message}")]
        public static partial void Changed(ILogger logger, string message);

        [LoggerMessage(92, LogLevel.Warning, "An alert could not be written, trying again: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);
    }
}
