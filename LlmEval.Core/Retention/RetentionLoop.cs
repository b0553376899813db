using LlmEval.Core.Storage;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Retention;

/// <summary>Sweeps every ten minutes.</summary>
internal sealed partial class RetentionLoop(RetentionSweeper sweeper, StorageReadiness readiness, TimeProvider time, ILogger<RetentionLoop> logger)
    : PeriodicLoop(TimeSpan.FromMinutes(10), readiness, time)
{
    protected override async Task TickAsync(CancellationToken cancel)
    {
        if (await sweeper.SweepAsync(cancel) is > 0 and var gone)
        {
            Log.Swept(logger, gone);
        }
    }

    protected override void Failed(Exception? e, string reason) => Log.Failed(logger, e, reason);

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Information, "{Count} traces that were past keeping were deleted.")]
        public static partial void Swept(ILogger logger, long count);

        [LoggerMessage(61, LogLevel.Warning, "Traces that are past keeping could not be deleted, trying again in ten minutes: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);
    }
}
