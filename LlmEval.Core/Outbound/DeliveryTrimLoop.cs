using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Outbound;

/// <summary>Deletes deliveries that are over and past keeping, in small steps.</summary>
internal sealed partial class DeliveryTrimLoop(
    IDbContextFactory<LlmEvalDb> databases,
    IBackgroundTurn turn,
    StorageReadiness readiness,
    IOptions<OutboundOptions> options,
    TimeProvider time,
    ILogger<DeliveryTrimLoop> logger) : PeriodicLoop(TimeSpan.FromMinutes(10), readiness, time)
{
    public const int MostOfOne = 10_000;

    private const int Step = 2_000;

    protected override Task TickAsync(CancellationToken cancel) => TrimAsync(cancel);

    protected override void Failed(Exception? e, string reason) => Log.Failed(logger, e, reason);

    internal async Task TrimAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        foreach (long id in await db.Set<Subscription>().Select(s => s.Id).ToListAsync(cancel))
        {
            while (await StepAsync(id, cancel) == Step)
            {
            }
        }
    }

    private async Task<int> StepAsync(long subscriptionId, CancellationToken cancel)
    {
        DateTime horizon = Time.UtcNow() - TimeSpan.FromDays(options.Value.KeepDays);
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        IQueryable<Delivery> over = db.Set<Delivery>().Where(d => d.SubscriptionId == subscriptionId && d.State != DeliveryState.Waiting);
        long lastKept = await over.OrderByDescending(d => d.Id).Skip(MostOfOne).Select(d => d.Id).FirstOrDefaultAsync(cancel);
        long[] going = await over.Where(d => d.Id <= lastKept || d.AttemptedAt < horizon)
            .OrderBy(d => d.Id)
            .Take(Step)
            .Select(d => d.Id)
            .ToArrayAsync(cancel);
        if (going.Length == 0)
        {
            return 0;
        }

        await using BackgroundTransaction? transaction = await turn.TryBeginAsync(db, BackgroundWork.TrimDeliveries, cancel);
        if (transaction is null)
        {
            return 0;
        }

        // One that was sent for again meanwhile waits, and stays.
        int gone = await over.Where(d => EF.Parameter(going).Contains(d.Id)).ExecuteDeleteAsync(cancel);
        await transaction.CommitAsync(cancel);
        return gone;
    }

    private static partial class Log
    {
        [LoggerMessage(124, LogLevel.Warning, "Old deliveries could not be deleted, trying again in ten minutes: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);
    }
}
