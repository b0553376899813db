using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Events;

/// <summary>
/// Keeps the hub at the end of the log: starts it there, and reads from the database what other replicas wrote. Woken by a gap,
/// by a hint, or by the clock.
/// </summary>
internal sealed partial class EventTail(
    EventHub hub,
    EventLog log,
    IEventHint hint,
    StorageReadiness readiness,
    IOptions<EventOptions> options,
    TimeProvider time,
    ILogger<EventTail> logger) : BackgroundService
{
    private const int PageSize = 1_000;

    /// <summary>What the hub begins with: some seconds of heavy load.</summary>
    private const int StartSize = 4_096;

    private const long StartBytes = 16 << 20;

    /// <summary>With hints the clock only covers for lost ones.</summary>
    private static readonly TimeSpan SafetyPoll = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Between two looks at the log. Replicas that all take traces find gaps and hear hints with every batch of every other; a look
    /// for each would cost them half of what they can take.
    /// </summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan AfterFault = TimeSpan.FromMilliseconds(250);

    private readonly RepeatedFault _fault = new(time);

    private readonly SemaphoreSlim _wake = new(0, 1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        hub.GapFound += Wake;
        hint.Heard += Wake;
        try
        {
            await readiness.WaitAsync(stoppingToken);
            await StartAsync();
            while (true)
            {
                await WaitAsync(stoppingToken);
                await FollowAsync(stoppingToken);
                await Task.Delay(Rest, time, stoppingToken);
            }
        }
        finally
        {
            hub.GapFound -= Wake;
            hint.Heard -= Wake;
        }

        async Task StartAsync()
        {
            while (!await TryAsync(() => StartHubAsync(stoppingToken), stoppingToken))
            {
                await Task.Delay(AfterFault, time, stoppingToken);
            }
        }
    }

    private async Task StartHubAsync(CancellationToken cancel)
    {
        long head = await log.ReadHeadAsync(cancel);
        hub.Start(head, await log.ReadAsync(Math.Max(0, head - StartSize), before: head + 1, StartSize, cancel, StartBytes));
    }

    private async Task FollowAsync(CancellationToken cancel)
    {
        bool more = true;
        while (more)
        {
            bool read = await TryAsync(async () =>
            {
                (long after, long? before) = hub.Missing();
                IReadOnlyList<LogEvent> page = await log.ReadAsync(after, before, PageSize, cancel);
                hub.Publish(page);
                more = page.Count == PageSize || (page.Count > 0 && hub.Missing().Before is not null);
            }, cancel);
            if (!read)
            {
                return;
            }
        }
    }

    private async Task<bool> TryAsync(Func<Task> read, CancellationToken cancel)
    {
        try
        {
            await read();
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            // Whatever it was: without the tail nobody here hears of anything again, and the server would stop.
            if (!Outage.Is(e) || _fault.IsNews())
            {
                Log.Behind(logger, Outage.Is(e) ? null : e, e.Message);
            }
            return false;
        }
    }

    private async Task WaitAsync(CancellationToken cancel)
    {
        TimeSpan poll = hint.IsHeard ? SafetyPoll : TimeSpan.FromMilliseconds(options.Value.PollMilliseconds);
        using ITimer timer = time.CreateTimer(_ => Wake(), null, poll, Timeout.InfiniteTimeSpan);
        await _wake.WaitAsync(cancel);
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already awake: one look at the log answers any number of calls.
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _wake.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "The event log cannot be read, trying again: {Reason}")]
        public static partial void Behind(ILogger logger, Exception? e, string reason);
    }
}
