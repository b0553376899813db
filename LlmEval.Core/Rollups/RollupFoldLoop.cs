using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Rollups;

/// <summary>Folds once a second, so that readers never have many deltas to add up.</summary>
internal sealed partial class RollupFoldLoop(
    RollupFolder folder,
    VerdictFolder verdicts,
    StorageReadiness readiness,
    TimeProvider time,
    ILogger<RollupFoldLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const int TrimEvery = 600;

    private readonly RepeatedFault _fault = new(time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        for (int tick = 1; await timer.WaitForNextTickAsync(stoppingToken); tick++)
        {
            try
            {
                while (await folder.FoldAsync(stoppingToken) == RollupFolder.Step)
                {
                }

                while (await verdicts.FoldAsync(stoppingToken) == VerdictFolder.Step)
                {
                }

                if (tick % TrimEvery == 0)
                {
                    await folder.TrimMinutesAsync(stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Nothing is lost: deltas stay until they are folded, and readers add them up meanwhile.
                if (!Outage.Is(e) || _fault.IsNews())
                {
                    Log.Failed(logger, Outage.Is(e) ? null : e, e.Message);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Warning, "Rollups could not be folded, trying again: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);
    }
}
