using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Search;

/// <summary>
/// Keeps the full-text index following the log. While it catches up and traces come in, it rests after each step as long as the
/// step took: it never takes more than about half a core from the intake. When nothing comes in it does not rest.
/// </summary>
internal sealed partial class SearchIndexer(
    SearchProjector projector,
    EventHub hub,
    StorageReadiness readiness,
    IOptionsMonitor<SearchOptions> options,
    TimeProvider time,
    ILogger<SearchIndexer> logger) : BackgroundService
{
    /// <summary>Covers for what has no event here: removals by a sweep, and a replica that stopped half-way.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);

    private readonly RepeatedFault _fault = new(time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        await hub.Started.WaitAsync(stoppingToken);
        while (true)
        {
            Task changed = hub.Changed;
            long head = hub.Head;
            long started = time.GetTimestamp();
            SearchProgress progress = SearchProgress.UpToDate;
            try
            {
                if (!options.CurrentValue.Paused)
                {
                    progress = await projector.StepAsync(stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (!Outage.Is(e) || _fault.IsNews())
                {
                    Log.Failed(logger, Outage.Is(e) ? null : e, Outage.Reason(e));
                }
                await Task.Delay(AfterFault, time, stoppingToken);
                continue;
            }

            if (progress == SearchProgress.More)
            {
                bool isIntakeBusy = hub.Head > head;
                if (isIntakeBusy)
                {
                    await Task.Delay(time.GetElapsedTime(started), time, stoppingToken);
                }

                continue;
            }

            await changed.WaitAsync(Poll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stoppingToken.ThrowIfCancellationRequested();

            // Traces that come in steadily are taken in together.
            await Task.Delay(TimeSpan.FromMilliseconds(options.CurrentValue.RestMilliseconds), time, stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(50, LogLevel.Warning, "The full-text index could not be brought forward, trying again: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);
    }
}
