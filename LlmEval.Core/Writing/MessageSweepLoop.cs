using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Writing;

/// <summary>Forgets signed messages that are too old to be sent again: their signed time would be refused.</summary>
internal sealed partial class MessageSweepLoop(
    IDbContextFactory<LlmEvalDb> databases, IBackgroundTurn turn, StorageReadiness readiness, TimeProvider time, ILogger<MessageSweepLoop> logger)
    : PeriodicLoop(TimeSpan.FromMinutes(10), readiness, time)
{
    /// <summary>Well past twice the tolerance for a sender's clock.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    // In small steps: while one goes on, SQLite stores nothing else.
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    protected override Task TickAsync(CancellationToken cancel) => SweepAsync(cancel);

    protected override void Failed(Exception? e, string reason) => Log.Failed(logger, e, reason);

    internal async Task SweepAsync(CancellationToken cancel)
    {
        DateTime horizon = Time.UtcNow() - Kept;
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        IQueryable<StoredMessage> old = db.Set<StoredMessage>().Where(m => m.ReceivedAt < horizon);
        while (await old.MinAsync(m => (DateTime?)m.ReceivedAt, cancel) is { } oldest)
        {
            DateTime end = oldest + Step;
            await using BackgroundTransaction? transaction = await turn.TryBeginAsync(db, BackgroundWork.SweepMessages, cancel);
            if (transaction is null)
            {
                return;
            }

            await old.Where(m => m.ReceivedAt < end).ExecuteDeleteAsync(cancel);
            await transaction.CommitAsync(cancel);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(93, LogLevel.Warning, "Old signed messages could not be forgotten, trying again in ten minutes: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);
    }
}
