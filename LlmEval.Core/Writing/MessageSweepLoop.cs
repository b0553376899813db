using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Writing;

/// <summary>Forgets signed messages that are too old to be sent again: their signed time would be refused.</summary>
internal sealed partial class MessageSweepLoop(
    IDbContextFactory<LlmEvalDb> databases, IBackgroundTurn turn, StorageReadiness readiness, TimeProvider time, ILogger<MessageSweepLoop> logger)
    : BackgroundService
{
    /// <summary>Well past twice the tolerance for a sender's clock.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    // In small steps: while one goes on, SQLite stores nothing else.
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, Outage.Is(e) ? null : e, e.Message);
            }
        }
    }

    internal async Task SweepAsync(CancellationToken cancel)
    {
        DateTime horizon = time.UtcNow() - Kept;
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
