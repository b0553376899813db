using LlmEval.Core.Primitives;
using LlmEval.Core.Storage.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Storage;

/// <summary>
/// Brings the tables up to date when the process starts. While the database cannot be reached it tries again, so that the
/// order in which containers start does not matter; until then requests are answered with 503. One that refuses this process, as it is
/// configured, stops it: nobody would look for the reason in a server that is up.
/// </summary>
internal sealed partial class StorageStartup(
    IDbContextFactory<LlmEvalDb> databases,
    IMigrationLock migrationLock,
    StorageReadiness readiness,
    CloseIdleConnections closeIdle,
    IHostApplicationLifetime process,
    TimeProvider time,
    ILogger<StorageStartup> logger) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly RepeatedFault _fault = new(time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await MigrateAsync(stoppingToken);
                readiness.Set();
                Log.Ready(logger);
                return;
            }
            catch (Exception e) when (PostgresRefusal.Of(e) is { } refusal)
            {
                readiness.Refusal = refusal;

                // Not before it has started: a stop in the middle of that is a fault for the host, which writes a stack to the log.
                process.ApplicationStarted.Register(process.StopApplication);
                return;
            }
            catch (Exception e) when (Outage.Is(e))
            {
                if (_fault.IsNews())
                {
                    Log.Waiting(logger, Outage.Reason(e));
                }

                // One that could only read, because the file's mode said so, can only read for as long as it is open.
                closeIdle();
            }

            await Task.Delay(RetryAfter, time, stoppingToken);
        }
    }

    private async Task MigrateAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        await using IAsyncDisposable held = await migrationLock.TakeAsync(cancel);

        // An index on a large table takes its time: given up halfway, it would be begun again for ever.
        db.Database.SetCommandTimeout(TimeSpan.FromHours(6));
        await db.Database.MigrateAsync(cancel);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The database is ready.")]
        public static partial void Ready(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "The database cannot be used yet, trying again: {Reason}")]
        public static partial void Waiting(ILogger logger, string reason);
    }
}
