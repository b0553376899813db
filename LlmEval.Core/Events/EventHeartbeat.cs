using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Events;

/// <summary>
/// One clock for all streams: wakes every reader at half the heartbeat, so that a stream that was silent for a whole one says
/// something. A timer per stream would cost ten thousand timers.
/// </summary>
internal sealed class EventHeartbeat(EventHub hub, IOptions<EventOptions> options, TimeProvider time, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Streams look at their own end when they wake: without this they would hold the shutdown.
        await using CancellationTokenRegistration stopping = lifetime.ApplicationStopping.Register(hub.WakeAll);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.HeartbeatSeconds / 2.0), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            hub.WakeAll();
        }
    }
}
