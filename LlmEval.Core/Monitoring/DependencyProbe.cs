using System.Diagnostics.Metrics;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Redis;
using LlmEval.Core.Search;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Monitoring;

/// <summary>Looks once a second at what the process depends on, beside the sampler: a database that hangs must not hold that up.</summary>
internal sealed partial class DependencyProbe(
    StorageHealth storage,
    EventHub hub,
    EventLog log,
    SearchStatus search,
    IMeterFactory meters,
    TimeProvider time,
    ILogger<DependencyProbe> logger,
    RedisConnection? redis = null) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>The search index is looked at every so many times.</summary>
    private const int SearchEvery = 5;

    private readonly RepeatedFault _fault = new(time);

    private Dependencies _found = new(null, null, redis is null ? null : false, 0, TimeSpan.Zero, null);

    public Dependencies Found => Volatile.Read(ref _found) with { RedisUp = RedisUp };

    private bool? RedisUp => redis is null ? null : redis.Multiplexer is { IsConnected: true };

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        DependencyMetrics.AddTo(meters, () => Found);
        using var timer = new PeriodicTimer(Interval, time);
        for (int look = 0; ; look++)
        {
            try
            {
                Volatile.Write(ref _found, await LookAsync(look, stoppingToken));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (!Outage.Is(e) || _fault.IsNews())
                {
                    Log.Failed(logger, Outage.Is(e) ? null : e, Outage.Reason(e));
                }
            }

            await timer.WaitForNextTickAsync(stoppingToken);
        }
    }

    internal async Task<Dependencies> LookAsync(int look, CancellationToken cancel)
    {
        DateTime began = time.UtcNow();
        Dependencies before = Found;
        before = before with { RedisAwaySince = before.RedisUp == false ? before.RedisAwaySince ?? began : null };
        if (await storage.FindFaultAsync(cancel) is { } fault)
        {
            return before with { DatabaseFault = fault.Reason, DatabaseAwaySince = fault.IsAway ? before.DatabaseAwaySince ?? began : null };
        }

        (long behind, TimeSpan lag) = await ReadLagAsync(cancel);
        return before with
        {
            DatabaseFault = null,
            DatabaseAwaySince = null,
            EventsBehind = behind,
            EventLag = lag,
            Search = look % SearchEvery == 0 ? await search.ReadAsync(cancel) : before.Search,
        };
    }

    private async Task<(long Behind, TimeSpan Lag)> ReadLagAsync(CancellationToken cancel)
    {
        if (!hub.Started.IsCompleted)
        {
            return default;
        }

        // The log first: what it had then, the hub should have by now.
        long head = await log.ReadHeadAsync(cancel);
        long own = hub.Head;
        if (own >= head || await log.FindTimeAfterAsync(own, cancel) is not { } written)
        {
            return default;
        }

        TimeSpan lag = time.UtcNow() - written;
        return (head - own, lag > TimeSpan.Zero ? lag : TimeSpan.Zero);
    }

    private static partial class Log
    {
        [LoggerMessage(80, LogLevel.Warning, "The state of the database could not be read, trying again: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);
    }
}
