using System.Threading.Channels;
using LlmEval.Core.Events;
using LlmEval.Core.Monitoring;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Alerts;

/// <summary>
/// Writes what was raised and cleared, in order. While the database is away or slow, streams and webhooks are told of each at once, and
/// it is written when that can be done.
/// </summary>
internal sealed partial class AlertWriter(
    AlertOutbox outbox,
    AlertTable table,
    EventNotices notices,
    DependencyProbe probe,
    StorageReadiness readiness,
    TimeProvider time,
    ILogger<AlertWriter> logger) : BackgroundService
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly RepeatedFault _fault = new(time);

    private readonly Channel<Waiting> _toWrite = Channel.CreateUnbounded<Waiting>(new() { SingleReader = true, SingleWriter = true });
    private readonly Channel<Waiting> _toTell = Channel.CreateUnbounded<Waiting>(new() { SingleReader = true, SingleWriter = true });

    // A database that stalls is a reason for an alert, and seldom for one alone: none waits to be told until the one before is written.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(TakeAsync(stoppingToken), WriteAllAsync(stoppingToken), TellAllAsync(stoppingToken));

    private async Task TakeAsync(CancellationToken stop)
    {
        await foreach (AlertChange change in outbox.ReadAllAsync(stop))
        {
            var waiting = new Waiting(change);
            _toWrite.Writer.TryWrite(waiting);
            if (change.Alert.AnnouncedAt is not null)
            {
                Log.Changed(logger, AlertText.Message(change));
                _toTell.Writer.TryWrite(waiting);
            }
        }
    }

    private async Task WriteAllAsync(CancellationToken stop)
    {
        await foreach (Waiting waiting in _toWrite.Reader.ReadAllAsync(stop))
        {
            while (!await TryWriteAsync(waiting.Change, stop))
            {
                await Task.Delay(RetryAfter, time, stop);
            }

            waiting.Written.SetResult();
        }
    }

    // One after the other holds nobody up: a later one has longer to wait than those before it.
    private async Task TellAllAsync(CancellationToken stop)
    {
        await foreach (Waiting waiting in _toTell.Reader.ReadAllAsync(stop))
        {
            if (!await IsWrittenSoonAsync(waiting, stop))
            {
                notices.Publish(AlertEvents.Of(waiting.Change));
            }
        }
    }

    private async Task<bool> IsWrittenSoonAsync(Waiting waiting, CancellationToken stop)
    {
        TimeSpan left = waiting.Change.At + Soon - time.UtcNow();
        await waiting.Written.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
        return waiting.Written.Task.IsCompleted;
    }

    private async Task<bool> TryWriteAsync(AlertChange change, CancellationToken stop)
    {
        if (!readiness.IsReady || !probe.Found.DatabaseUp)
        {
            return false;
        }

        using var patience = new CancellationTokenSource(Patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            await table.WriteAsync(change, limit.Token);
            return true;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            bool isAway = Outage.Is(e) || limit.IsCancellationRequested;
            if (!isAway || _fault.IsNews())
            {
                Log.Failed(logger, isAway ? null : e, Outage.Reason(e));
            }
            return false;
        }
    }

    private sealed class Waiting(AlertChange change)
    {
        public AlertChange Change => change;

        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static partial class Log
    {
        [LoggerMessage(91, LogLevel.Warning, "Alert: {Message}")]
        public static partial void Changed(ILogger logger, string message);

        [LoggerMessage(92, LogLevel.Warning, "An alert could not be written, trying again: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);
    }
}
