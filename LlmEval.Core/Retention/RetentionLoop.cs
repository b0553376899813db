using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Retention;

/// <summary>Sweeps every ten minutes.</summary>
internal sealed partial class RetentionLoop(RetentionSweeper sweeper, StorageReadiness readiness, TimeProvider time, ILogger<RetentionLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await sweeper.SweepAsync(stoppingToken) is > 0 and var gone)
                {
                    Log.Swept(logger, gone);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, Outage.Is(e) ? null : e, e.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Information, "{Count} traces that were past keeping were deleted.")]
        public static partial void Swept(ILogger logger, long count);

        [LoggerMessage(61, LogLevel.Warning, "Traces that are past keeping could not be deleted, trying again in ten minutes: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);
    }
}
