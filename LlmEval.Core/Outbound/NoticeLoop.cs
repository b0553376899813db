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

    // By subscription, what it is being told: one after the other to each, and no receiver waits for another.
    private readonly Dictionary<long, Task> _telling = [];

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

            await changed.WaitAsync(Renewal, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
                foreach (Subscription to in Volatile.Read(ref _known))
                {
                    if (notices.Between(told, last, to.Filter) is { Count: > 0 } news)
                    {
                        _telling[to.Id] = TellAsync(_telling.GetValueOrDefault(to.Id, Task.CompletedTask), to, news, stop);
                    }
                }

                told = last;
            }

            await changed.WaitAsync(stop);
        }
    }

    private async Task TellAsync(Task before, Subscription to, IReadOnlyList<LogEvent> news, CancellationToken stop)
    {
        await before;
        foreach (LogEvent notice in news)
        {
            Delivery delivery = Delivery.Of(to, notice, time.UtcNow());
            try
            {
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
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                // It is delivered once it is in the log; the next one is told all the same.
                Log.NotDelivered(logger, delivery.MessageId, to.Id, e.Message);
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
