using LlmEval.Core.Primitives;
using Microsoft.Extensions.Hosting;

namespace LlmEval.Core.Storage;

/// <summary>
/// Does something at intervals, from when the tables are there until the process stops. Nothing that goes wrong ends it: what a
/// hosted service throws would stop the whole server.
/// </summary>
internal abstract class PeriodicLoop(TimeSpan interval, StorageReadiness readiness, TimeProvider time) : BackgroundService
{
    private readonly RepeatedFault _outage = new(time);

    protected TimeProvider Time => time;

    protected abstract Task TickAsync(CancellationToken cancel);

    /// <summary>Logs it.</summary>
    /// <param name="e">A fault of ours; null for an outage, of which the reason says enough.</param>
    protected abstract void Failed(Exception? e, string reason);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await readiness.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await TickAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                bool isOutage = Outage.Is(e);
                if (!isOutage || _outage.IsNews())
                {
                    Failed(isOutage ? null : e, Outage.Reason(e));
                }
            }
        }
    }
}
