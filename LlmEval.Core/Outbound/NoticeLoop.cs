using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Outbound;

/// <summary>
/// Sends what cannot be logged now, as that the database is away: once, to the subscriptions as they were last read. What does not arrive
/// is delivered when it is in the log.
/// </summary>
internal sealed partial class NoticeLoop(
    EventNotices notices,
    DeliveryStore store,
    WebhookSender sender,
    SentNotices sent,
    OutboundSignal signal,
    StorageReadiness readiness,
    TimeProvider time,
    ILogger<NoticeLoop> logger) : BackgroundService
{
    /// <summary>So old may be what is known of the subscriptions.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(5);

    private IReadOnlyList<Subscription> _known = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        await Task.WhenAll(KnowAsync(stoppingToken), TellAsync(stoppingToken));
    }

    private async Task KnowAsync(CancellationToken stop)
    {
        while (true)
        {
            Task changed = signal.Next;
            try
            {
                Volatile.Write(ref _known, await store.ListActiveAsync(stop));
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                // What was known holds. An outage is told elsewhere.
                if (!Outage.Is(e))
                {
                    Log.Failed(logger, e, e.Message);
                }
            }

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(changed, Task.Delay(Renewal, time, limit.Token));
            await limit.CancelAsync();
            stop.ThrowIfCancellationRequested();
        }
    }

    private async Task TellAsync(CancellationToken stop)
    {
        long told = notices.Last;
        while (true)
        {
            Task changed = notices.Changed;
            long last = notices.Last;
            if (last > told)
            {
                long after = told;
                await Task.WhenAll(Volatile.Read(ref _known).Select(to => TellAsync(to, notices.Between(after, last, to.Filter), stop)));
                told = last;
            }

            await changed.WaitAsync(stop);
        }
    }

    private async Task TellAsync(Subscription to, IReadOnlyList<LogEvent> all, CancellationToken stop)
    {
        foreach (LogEvent notice in all)
        {
            Delivery delivery = Delivery.Of(to, notice, time.UtcNow());
            AttemptResult result = await sender.SendAsync(to, delivery, stop);
            if (result.IsDelivered)
            {
                sent.Add(delivery.MessageId, result);
            }
            else
            {
                Log.NotDelivered(logger, delivery.MessageId, to.Id, result.Fault ?? $"status {result.StatusCode}");
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(126, LogLevel.Information, "Message {MessageId} of subscription {Subscription} was not delivered while the database is away: {Reason}")]
        public static partial void NotDelivered(ILogger logger, string messageId, long subscription, string reason);

        [LoggerMessage(125, LogLevel.Warning, "The subscriptions of webhooks could not be read, trying again: {Reason}")]
        public static partial void Failed(ILogger logger, Exception e, string reason);
    }
}
