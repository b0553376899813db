using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Outbound;

/// <summary>What can be said of a subscription's deliveries at a glance.</summary>
/// <param name="Behind">Events of the log that have not been looked at for it.</param>
public sealed record DeliveryCounts(long Waiting, long Delivered, long GivenUp, long Behind, DateTime? LastDeliveredAt);

/// <summary>Reads the log of deliveries.</summary>
public sealed class DeliveryQueries(IDbContextFactory<LlmEvalDb> databases)
{
    /// <param name="before">The number of the last one on the page before; null begins with the newest.</param>
    public async Task<IReadOnlyList<Delivery>> ListAsync(
        int projectId, long subscriptionId, DeliveryState? state, long? before, int limit, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        IQueryable<Delivery> found = db.Set<Delivery>().Where(d => d.SubscriptionId == subscriptionId && d.ProjectId == projectId);
        if (state is { } wanted)
        {
            found = found.Where(d => d.State == wanted);
        }

        if (before is { } id)
        {
            found = found.Where(d => d.Id < id);
        }

        return await found.OrderByDescending(d => d.Id).Take(limit).ToListAsync(cancel);
    }

    public async Task<DeliveryCounts> CountAsync(Subscription subscription, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        IQueryable<Delivery> own = db.Set<Delivery>().Where(d => d.SubscriptionId == subscription.Id);
        Dictionary<DeliveryState, long> counts = await own.GroupBy(d => d.State)
            .Select(g => new { g.Key, Count = g.LongCount() })
            .ToDictionaryAsync(g => g.Key, g => g.Count, cancel);
        DateTime? last = await own.Where(d => d.State == DeliveryState.Delivered).MaxAsync(d => d.AttemptedAt, cancel);
        long head = await db.Set<Events.EventHead>().Select(h => h.LastId).SingleAsync(cancel);
        return new DeliveryCounts(
            counts.GetValueOrDefault(DeliveryState.Waiting),
            counts.GetValueOrDefault(DeliveryState.Delivered),
            counts.GetValueOrDefault(DeliveryState.GivenUp),
            subscription.State == SubscriptionState.Active ? Math.Max(0, head - subscription.Position) : 0,
            last);
    }
}
