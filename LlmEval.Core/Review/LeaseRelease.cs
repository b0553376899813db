using LlmEval.Core.Storage;
using Microsoft.Extensions.Hosting;

namespace LlmEval.Core.Review;

/// <summary>
/// Pages end with their process, and whoever reads one comes back as another page: without this, the traces that they had before
/// them, with what they typed, would be somebody else's for two minutes.
/// </summary>
internal sealed class LeaseRelease(TraceLeases leases) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
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
}
