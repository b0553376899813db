using LlmEval.Core.Access;

namespace LlmEval.Web.Access;

/// <summary>Ends what stays open, a stream for one, with the rights of whoever opened it.</summary>
public sealed class RightsWatch(CallerFinder callers, AccessDirectory directory, TimeProvider time)
{
    /// <summary>What ends by the clock is seen within this time; what somebody changes, at once.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>Runs until <paramref name="end"/> is cancelled, by this or by others.</summary>
    public async Task WatchAsync(Caller caller, Rights needed, CancellationTokenSource end)
    {
        while (!end.IsCancellationRequested)
        {
            Task changed = directory.Changed;
            if (callers.FindAgain(caller) is not { } now || !now.May(needed))
            {
                await end.CancelAsync();
                return;
            }

            await changed.WaitAsync(Interval, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
