using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Access;

/// <summary>
/// Keeps the directory following the other replicas. One row is asked for once a second, whatever Redis does: a key that was
/// revoked is refused everywhere within two seconds.
/// </summary>
internal sealed partial class AccessLoop(
    AccessDirectory directory, StorageReadiness readiness, TimeProvider time, ILogger<AccessLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        bool wasAway = false;
        while (true)
        {
            try
            {
                await directory.RefreshAsync(stoppingToken);
                wasAway = false;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (!Outage.Is(e))
                {
                    Log.Failed(logger, e);
                }
                else if (!wasAway)
                {
                    Log.Behind(logger, Outage.Reason(e));
                }

                wasAway = true;
            }

            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(70, LogLevel.Warning, "Changes of keys and users cannot be read, trying again: {Reason}")]
        public static partial void Behind(ILogger logger, string reason);

        [LoggerMessage(73, LogLevel.Error, "Changes of keys and users cannot be read by a mistake of ours, trying again.")]
        public static partial void Failed(ILogger logger, Exception e);
    }
}
