using LlmEval.Core.Review;
using LlmEval.Web.Live;

namespace LlmEval.Web.Review;

/// <summary>
/// Renews what a page holds for as long as it is open, whatever a single renewal meets. Whoever is not there loses what they hold.
/// </summary>
public sealed partial class LeaseRenewal(Func<Task> renew, CircuitLink link, TimeProvider time, ILogger log)
{
    public static readonly TimeSpan Interval = TraceLeases.Length / 4;

    /// <returns>Ends when the page is closed, and never with an exception: what comes after it has leases to free.</returns>
    public async Task RunAsync(CancellationToken closed)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (!closed.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(closed);
                if (link.Connected.IsCompleted)
                {
                    await renew();
                }
            }
            catch (OperationCanceledException)
            {
                // The page was closed, or another queue was chosen meanwhile.
            }
            catch (Exception e)
            {
                LogFailed(log, e);
            }
        }
    }

    [LoggerMessage(330, LogLevel.Warning, "A review page could not renew its leases; it tries again.")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
