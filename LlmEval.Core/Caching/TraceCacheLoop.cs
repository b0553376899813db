using System.Threading.Channels;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Caching;

/// <summary>
/// Tells the cache of every change that any replica made. It begins a little before the end of the log, so that what Redis kept
/// over a restart is of use.
/// </summary>
internal sealed partial class TraceCacheLoop(
    EventFeed feed,
    EventHub hub,
    TraceCache cache,
    TimeProvider time,
    ILogger<TraceCacheLoop> logger) : BackgroundService
{
    private const int LookBack = 5_000;

    private static readonly TimeSpan AfterFault = TimeSpan.FromMilliseconds(250);

    private readonly RepeatedFault _fault = new(time);

    /// <summary>Entries to take out. When Redis is slow some are left to their end: they are known to be stale.</summary>
    private readonly Channel<LogEvent> _stale = Channel.CreateBounded<LogEvent>(
        new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await hub.Started.WaitAsync(stoppingToken);
        await Task.WhenAll(FollowAsync(stoppingToken), EvictAsync(stoppingToken));
    }

    private async Task FollowAsync(CancellationToken cancel)
    {
        long from = Math.Max(0, hub.Head - LookBack);
        using EventReader reader = feed.OpenAfter(from, EventFilter.Everything);
        var events = new List<LogEvent>();
        bool following = false;
        while (true)
        {
            Task changed = reader.Changed;
            EventRead read;
            try
            {
                read = await reader.ReadAsync(events, cancel);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                // Whatever it was: the cache is of no use until the log is followed again.
                if (!Outage.Is(e) || _fault.IsNews())
                {
                    Log.Behind(logger, Outage.Is(e) ? null : e, Outage.Reason(e));
                }
                await Task.Delay(AfterFault, time, cancel);
                continue;
            }

            foreach (LogEvent e in events)
            {
                Take(e);
            }

            if (read == EventRead.Lost)
            {
                from = reader.Position;
                following = false;
            }
            else if (read == EventRead.CaughtUp)
            {
                if (!following)
                {
                    cache.FollowsFrom(from);
                    following = true;
                }
            }

            if (following)
            {
                cache.ToldUpTo(reader.Position);
            }

            if (read == EventRead.CaughtUp)
            {
                await changed.WaitAsync(cancel);
            }
        }
    }

    private void Take(LogEvent e)
    {
        if (e.ChangesAnyTrace)
        {
            cache.ChangedAll(e.Id);
        }
        else if (e.ChangesATrace)
        {
            cache.Changed(e.ProjectId, e.TraceId, e.Id);
            _stale.Writer.TryWrite(e);
        }
    }

    private async Task EvictAsync(CancellationToken cancel)
    {
        await foreach (LogEvent e in _stale.Reader.ReadAllAsync(cancel))
        {
            await cache.EvictAsync(e, cancel);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(44, LogLevel.Warning, "The event log cannot be read for the cache, trying again: {Reason}")]
        public static partial void Behind(ILogger logger, Exception? e, string reason);
    }
}
