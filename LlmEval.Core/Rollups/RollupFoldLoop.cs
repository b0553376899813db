using LlmEval.Core.Storage;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Rollups;

/// <summary>Folds once a second, so that readers never have many deltas to add up.</summary>
internal sealed partial class RollupFoldLoop(
    RollupFolder folder,
    VerdictFolder verdicts,
    StorageReadiness readiness,
    TimeProvider time,
    ILogger<RollupFoldLoop> logger) : PeriodicLoop(TimeSpan.FromSeconds(1), readiness, time)
{
    private const int TrimEvery = 600;

    private int _ticks;

    protected override async Task TickAsync(CancellationToken cancel)
    {
        _ticks++;
        while (await folder.FoldAsync(cancel) == RollupFolder.Step)
        {
        }

        while (await verdicts.FoldAsync(cancel) == VerdictFolder.Step)
        {
        }

        if (_ticks % TrimEvery == 0)
        {
            await folder.TrimMinutesAsync(cancel);
        }
    }

    // Nothing is lost: deltas stay until they are folded, and readers add them up meanwhile.
    protected override void Failed(Exception? e, string reason) => Log.Failed(logger, e, reason);

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Warning, "Rollups could not be folded, trying again: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);
    }
}
