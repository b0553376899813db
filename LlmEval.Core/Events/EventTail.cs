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
    IHostApplicationLifetime process,
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
    /// for each would cost them half of what they can take, and a page costs little more than an event.
    /// </summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan AfterFault = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two looks, in quiet times, at whether the log still goes as far as it went.</summary>
    private static readonly TimeSpan HeadLook = TimeSpan.FromSeconds(10);

    private readonly RepeatedFault _fault = new(time);

    private readonly Signal _wake = new();

    private long _lookedAt = time.GetTimestamp();

    private TimeSpan Poll => hint.IsHeard ? SafetyPoll : TimeSpan.FromMilliseconds(options.Value.PollMilliseconds);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task woken = _wake.Next;
        hub.GapFound += _wake.Raise;
        hint.Heard += _wake.Raise;
        try
        {
            await readiness.WaitAsync(stoppingToken);
            await StartAsync();
            while (true)
            {
                await woken.WaitAsync(Poll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                stoppingToken.ThrowIfCancellationRequested();

                // Before the look: one answers any number of calls that came before it, and none that comes later.
                woken = _wake.Next;
                await FollowAsync(stoppingToken);
                await Task.Delay(Rest, time, stoppingToken);
            }
        }
        finally
        {
            hub.GapFound -= _wake.Raise;
            hint.Heard -= _wake.Raise;
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
                // All gaps by one question: replicas that take traces in turn leave one for each batch of another.
                (long after, long? before, IReadOnlyList<long> ids) = hub.Missing(PageSize);
                IReadOnlyList<LogEvent> page = ids.Count > 0
                    ? await log.FindAsync(ids, cancel)
                    : await log.ReadAsync(after, before: null, PageSize, cancel);
                if (NextOf(page, before) is { } next && next > after + 1)
                {
                    // Ids become visible in order: what is not there now was there and is gone, and would be waited for without end.
                    hub.SkipTo(next - 1);
                    Log.Hole(logger, after, next);
                }

                foreach (IReadOnlyList<LogEvent> run in RunsOf(page))
                {
                    hub.Publish(run);
                }

                more = page.Count == PageSize || (page.Count > 0 && hub.Missing(most: 0).Before is not null);
                if (page.Count == 0 && before is null)
                {
                    await StopIfSetBackAsync(after, cancel);
                }
            }, cancel);
            if (!read)
            {
                return;
            }
        }
    }

    /// <summary>Parts within which ids are consecutive.</summary>
    private static IEnumerable<IReadOnlyList<LogEvent>> RunsOf(IReadOnlyList<LogEvent> page)
    {
        int start = 0;
        for (int i = 1; i <= page.Count; i++)
        {
            if (i == page.Count || page[i].Id != page[i - 1].Id + 1)
            {
                yield return [.. page.Skip(start).Take(i - start)];
                start = i;
            }
        }
    }

    /// <summary>The lowest id that is known to be there.</summary>
    private static long? NextOf(IReadOnlyList<LogEvent> page, long? before) =>
        page.Count > 0 && !(before < page[0].Id) ? page[0].Id : before;

    /// <summary>
    /// A database that was restored, or that took over from one it had not caught up with, gives the same numbers out again: neither the
    /// readers nor the cache could tell the new events from those that they know.
    /// </summary>
    private async Task StopIfSetBackAsync(long known, CancellationToken cancel)
    {
        if (time.GetElapsedTime(_lookedAt) < HeadLook)
        {
            return;
        }

        _lookedAt = time.GetTimestamp();
        if (await log.ReadHeadAsync(cancel) is var head && head < known)
        {
            readiness.Refusal = new EventLogSetBackException(known, head);
            Log.SetBack(logger, readiness.Refusal.Message);
            process.StopApplication();
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
                Log.Behind(logger, Outage.Is(e) ? null : e, Outage.Reason(e));
            }
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "The event log cannot be read, trying again: {Reason}")]
        public static partial void Behind(ILogger logger, Exception? e, string reason);

        [LoggerMessage(13, LogLevel.Warning, "The event log has nothing between {After} and {Next}: readers are told that they missed it.")]
        public static partial void Hole(ILogger logger, long after, long next);

        [LoggerMessage(14, LogLevel.Critical, "{Reason}")]
        public static partial void SetBack(ILogger logger, string reason);
    }
}
