using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Events;

/// <summary>Deletes events that are past keeping, in small steps, and never one that a consumer has yet to see.</summary>
internal sealed partial class EventTrimLoop(
    IDbContextFactory<LlmEvalDb> databases,
    IBackgroundTurn turn,
    IEnumerable<IEventConsumer> consumers,
    StorageReadiness readiness,
    IOptions<EventOptions> options,
    TimeProvider time,
    ILogger<EventTrimLoop> logger) : PeriodicLoop(TimeSpan.FromMinutes(1), readiness, time)
{
    private const int Step = 5_000;

    protected override async Task TickAsync(CancellationToken cancel)
    {
        while (await TrimAsync(cancel) == Step)
        {
        }
    }

    protected override void Failed(Exception? e, string reason) => Log.Failed(logger, e, reason);

    /// <returns>How many events went: at most one step.</returns>
    internal async Task<int> TrimAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        long limit = await db.Set<EventHead>().Select(h => h.LastId).SingleAsync(cancel) - options.Value.KeepAtLeast;
        foreach (IEventConsumer consumer in consumers)
        {
            limit = Math.Min(limit, await consumer.ReadPositionAsync(cancel));
        }

        DateTime horizon = Time.UtcNow() - TimeSpan.FromHours(options.Value.KeepHours);
        long? oldest = limit <= 0 ? null : await db.Set<EventRow>().MinAsync(e => (long?)e.Id, cancel);
        if (oldest is not { } first || first > limit)
        {
            return 0;
        }

        await using BackgroundTransaction? transaction = await turn.TryBeginAsync(db, BackgroundWork.TrimEvents, cancel);
        if (transaction is null)
        {
            return 0;
        }

        // Only from the beginning on: the clocks of replicas differ, and a log with holes would look like lost events.
        long end = Math.Min(limit, first + Step - 1);
        long? young = await db.Set<EventRow>().Where(e => e.Id <= end && e.CreatedAt >= horizon).MinAsync(e => (long?)e.Id, cancel);
        int gone = await db.Set<EventRow>().Where(e => e.Id <= end && e.Id < (young ?? long.MaxValue)).ExecuteDeleteAsync(cancel);
        await transaction.CommitAsync(cancel);
        return gone;
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Warning, "The event log could not be trimmed, trying again in a minute: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);
    }
}
