using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Outbound;

/// <summary>What became of the wish to send a delivery again.</summary>
public enum RedeliverOutcome
{
    /// <summary>It goes out next, and is tried again like a new one.</summary>
    Queued,
    NotFound,

    /// <summary>The subscription is turned off.</summary>
    NotActive,
}

/// <summary>Sends a delivery again, with the same message id.</summary>
public sealed class Redeliver(IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn, OutboundSignal signal, TimeProvider time)
{
    public async Task<RedeliverOutcome> RunAsync(int projectId, long subscriptionId, long deliveryId, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        SubscriptionState? state = await db.Set<Subscription>()
            .Where(s => s.Id == subscriptionId && s.ProjectId == projectId)
            .Select(s => (SubscriptionState?)s.State)
            .SingleOrDefaultAsync(cancel);
        IQueryable<Delivery> wanted = db.Set<Delivery>()
            .Where(d => d.Id == deliveryId && d.SubscriptionId == subscriptionId && d.ProjectId == projectId);
        if (state is null || !await wanted.AnyAsync(cancel))
        {
            return RedeliverOutcome.NotFound;
        }

        if (state != SubscriptionState.Active)
        {
            return RedeliverOutcome.NotActive;
        }

        DateTime now = time.UtcNow();
        using IDisposable? writing = await turn.TakeAsync(cancel);
        await wanted.ExecuteUpdateAsync(
            set => set
                .SetProperty(d => d.State, DeliveryState.Waiting)
                .SetProperty(d => d.Attempts, 0)
                .SetProperty(d => d.NextAttemptAt, now),
            cancel);
        signal.Raise();
        return RedeliverOutcome.Queued;
    }
}
