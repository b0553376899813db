using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Outbound;

/// <summary>
/// Keeps the log from being trimmed past what has yet to be sent. An address that fails does not hold it, nor one that answers but
/// is so slow that its next event is twice as old as events become: the log would grow for as long as nobody looks.
/// </summary>
internal sealed class SubscriptionPositions(IDbContextFactory<LlmEvalDb> databases, IOptions<EventOptions> options, TimeProvider time) : IEventConsumer
{
    public async Task<long> ReadPositionAsync(CancellationToken cancel)
    {
        DateTime horizon = time.UtcNow() - (2 * TimeSpan.FromHours(options.Value.KeepHours));
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Subscription>()
            .Where(s => s.State == SubscriptionState.Active && s.FailingSince == null)
            .Where(s => !db.Set<EventRow>().Where(e => e.Id > s.Position).OrderBy(e => e.Id).Take(1).Any(e => e.CreatedAt < horizon))
            .MinAsync(s => (long?)s.Position, cancel) ?? long.MaxValue;
    }
}
