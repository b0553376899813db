using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Outbound;

/// <summary>
/// Serves one subscription while this replica holds its lease: follows the log like any reader, and sends one message at a time, in
/// the order of the log. What failed waits for its next attempt, and what came after it goes on.
/// </summary>
internal sealed partial class DeliveryWorker(
    DeliveryStore store, EventFeed feed, WebhookSender sender, SentNotices sent, OutboundSignal signal, TimeProvider time, ILogger<DeliveryWorker> logger)
{
    /// <summary>So old may be what is known of the subscription, and of what other replicas made due.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(5);

    /// <returns>True when it was changed and is to be served anew; false when it is not to be served here.</returns>
    public async Task<bool> RunAsync(long id, CancellationToken cancel)
    {
        Task signalled = signal.Next;
        if (await store.HoldAsync(id, cancel) is not { } held)
        {
            return false;
        }

        var events = new List<LogEvent>();
        using EventReader reader = feed.OpenAfter(held.Position, held.Filter);
        long renewed = time.GetTimestamp();
        bool mayBeDue = true;
        DateTime? next = null;
        while (true)
        {
            if (signalled.IsCompleted || time.GetElapsedTime(renewed) >= Renewal)
            {
                signalled = signal.Next;
                bool saved = await SavePositionAsync(held, reader, cancel);
                if (!saved || await store.HoldAsync(id, cancel) is not { } again || again.Version != held.Version)
                {
                    return true;
                }

                (held, renewed, mayBeDue) = (again, time.GetTimestamp(), true);
            }

            Task changed = reader.Changed;
            DateTime now = time.UtcNow();
            bool isResting = held.RestUntil > now;
            if ((mayBeDue || next <= now) && !isResting)
            {
                (Delivery? due, next) = await store.FindDueAsync(id, cancel);
                mayBeDue = false;
                if (due is not null)
                {
                    await AttemptAsync(held, due, cancel);
                    if (held.State != SubscriptionState.Active)
                    {
                        return false;
                    }

                    mayBeDue = true;
                    continue;
                }
            }

            if (!isResting)
            {
                EventRead read = await reader.ReadAsync(events, cancel);
                if (!await PlanAsync(held, reader, read, events, cancel))
                {
                    return true;
                }

                mayBeDue = events.Count > 0;
                if (mayBeDue || read != EventRead.CaughtUp)
                {
                    continue;
                }
            }

            await WaitAsync(Task.WhenAny(changed, signalled), isResting ? held.RestUntil : next, renewed, cancel);
        }
    }

    /// <summary>What was read becomes deliveries.</summary>
    /// <returns>False when another replica has gone on with it.</returns>
    private async Task<bool> PlanAsync(
        Subscription held, EventReader reader, EventRead read, List<LogEvent> events, CancellationToken cancel)
    {
        long skipped = read == EventRead.Lost ? reader.Position - held.Position : 0;
        if (skipped > 0)
        {
            Log.Skipped(logger, skipped, held.Id);
        }

        if (events.Count == 0 && skipped == 0)
        {
            return true;
        }

        bool planned = await store.PlanAsync(held, events, reader.Position, skipped, cancel);
        signal.RaiseDelivery();
        return planned;
    }

    // Past what the filter left out, so that a restart need not look at it again.
    private async Task<bool> SavePositionAsync(Subscription held, EventReader reader, CancellationToken cancel) =>
        reader.Position == held.Position || await store.PlanAsync(held, [], reader.Position, skipped: 0, cancel);

    private async Task AttemptAsync(Subscription held, Delivery due, CancellationToken cancel)
    {
        AttemptResult result = sent.Take(due.MessageId) ?? await sender.SendAsync(held, due, cancel);
        await store.RecordAsync(held, due, result, cancel);
        signal.RaiseDelivery();
        if (!result.IsDelivered)
        {
            Log.NotDelivered(logger, due.MessageId, held.Id, due.Attempts + 1, result.Fault ?? $"status {result.StatusCode}");
        }

        if (held.State == SubscriptionState.Disabled)
        {
            Log.Disabled(logger, held.Id, held.StateReason!);
        }
    }

    private async Task WaitAsync(Task woken, DateTime? until, long renewed, CancellationToken cancel)
    {
        TimeSpan wait = Renewal - time.GetElapsedTime(renewed);
        if (until is { } due && due - time.UtcNow() < wait)
        {
            wait = due - time.UtcNow();
        }

        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        await woken.WaitAsync(wait, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();
    }

    // Addresses may hold a secret of their own: they are not logged.
    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Information, "Message {MessageId} of subscription {Subscription} was not delivered at attempt {Attempt}: {Reason}")]
        public static partial void NotDelivered(ILogger logger, string messageId, long subscription, int attempt, string reason);

        [LoggerMessage(121, LogLevel.Warning, "Subscription {Subscription} was turned off: {Reason}")]
        public static partial void Disabled(ILogger logger, long subscription, string reason);

        [LoggerMessage(122, LogLevel.Warning, "{Count} events left the log before subscription {Subscription} had them.")]
        public static partial void Skipped(ILogger logger, long count, long subscription);
    }
}
