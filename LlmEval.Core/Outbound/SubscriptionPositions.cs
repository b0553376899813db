using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Outbound;

/// <summary>
/// Keeps the log from being trimmed past what has yet to be sent. An address that fails does not hold it: the log would grow for
/// as long as nobody looks.
/// </summary>
internal sealed class SubscriptionPositions(IDbContextFactory<LlmEvalDb> databases) : IEventConsumer
{
    public async Task<long> ReadPositionAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Subscription>()
            .Where(s => s.State == SubscriptionState.Active && s.FailingSince == null)
            .MinAsync(s => (long?)s.Position, cancel) ?? long.MaxValue;
    }
}
