using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Core.Outbound;

/// <summary>Looks for subscriptions that nobody serves and serves them.</summary>
internal sealed partial class DeliveryLoop(
    DeliveryStore store,
    DeliveryWorker worker,
    OutboundSignal signal,
    EventHub hub,
    StorageReadiness readiness,
    TimeProvider time,
    ILogger<DeliveryLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    private readonly RepeatedFault _fault = new(time);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Task> _served = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await readiness.WaitAsync(stoppingToken);
            await hub.Started.WaitAsync(stoppingToken);
            while (true)
            {
                Task changed = signal.Next;
                try
                {
                    IReadOnlyList<(long Id, bool IsFree)> active = await store.ListServedAsync(stoppingToken);
                    foreach ((long id, _) in active.Where(s => s.IsFree))
                    {
                        Serve(id, stoppingToken);
                    }

                    if (active.Any(s => !s.IsFree))
                    {
                        // Nobody tells this process what another one delivered.
                        signal.RaiseDelivery();
                    }
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    if (!Outage.Is(e) || _fault.IsNews())
                    {
                        Log.Failed(logger, Outage.Is(e) ? null : e, Outage.Reason(e));
                    }
                }

                await changed.WaitAsync(Poll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await Task.WhenAll(Served());
        }
    }

    private void Serve(long id, CancellationToken stopping)
    {
        lock (_lock)
        {
            if (!_served.ContainsKey(id))
            {
                _served.Add(id, ServeAsync(id, stopping));
            }
        }
    }

    private Task[] Served()
    {
        lock (_lock)
        {
            return [.. _served.Values];
        }
    }

    /// <summary>A fault of one reaches no other; a poll later it is tried again.</summary>
    private async Task ServeAsync(long id, CancellationToken stopping)
    {
        await Task.Yield();
        bool failed = false;
        try
        {
            while (await worker.RunAsync(id, stopping))
            {
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            failed = true;
            if (!Outage.Is(e) || _fault.IsNews())
            {
                Log.Failed(logger, Outage.Is(e) ? null : e, Outage.Reason(e));
            }
        }

        try
        {
            // Not cancelled with the process: another replica need not wait for the lease to run out.
            await store.ReleaseAsync(id, CancellationToken.None);
        }
        catch (Exception e)
        {
            failed = true;
            if (!Outage.Is(e) || _fault.IsNews())
            {
                Log.Failed(logger, Outage.Is(e) ? null : e, Outage.Reason(e));
            }
        }

        lock (_lock)
        {
            _served.Remove(id);
        }

        // It may have been turned on again while this was ending, which nobody looks for otherwise before the next poll.
        if (!failed)
        {
            signal.Raise();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(123, LogLevel.Warning, "Webhooks cannot be sent, trying again: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? e, string reason);
    }
}
