using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;

namespace LlmEval.Core.Review;

/// <summary>
/// Pages end with their process, and whoever reads one comes back as another page: without this, the traces that they had before
/// them, with what they typed, would be somebody else's for two minutes.
/// </summary>
internal sealed class LeaseRelease(TraceLeases leases) : IHostedLifecycleService
{
    // Before anything ends: waiting for open connections may take all the time that there is for a stop.
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await leases.ReleaseHereAsync(cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException || Outage.Is(e))
        {
            // Leases end by themselves.
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
