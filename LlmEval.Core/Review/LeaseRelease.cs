using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;

namespace LlmEval.Core.Review;

/// <summary>
/// Pages end with their process, and whoever reads one comes back as another page: without this, the traces that they had before
/// them, with what they typed, would be somebody else's for two minutes.
/// </summary>
internal sealed class LeaseRelease(TraceLeases leases) : IHostedLifecycleService
{
    /// <summary>A database that stands still must not take the time of those who are still to be answered.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // Before anything ends: waiting for open connections may take all the time that there is for a stop.
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await leases.ReleaseHereAsync(patience.Token);
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
