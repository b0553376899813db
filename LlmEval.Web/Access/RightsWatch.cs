using LlmEval.Core.Access;
using LlmEval.Core.Primitives;

namespace LlmEval.Web.Access;

/// <summary>Ends what stays open, a stream for one, with the rights of whoever opened it.</summary>
public sealed class RightsWatch(CallerFinder callers, AccessDirectory directory, TimeProvider time)
{
    /// <summary>A session that is not used any longer is seen to end within this time; what somebody changes, at once.</summary>
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

            await changed.WaitAsync(Wait(caller), time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private TimeSpan Wait(Caller caller)
    {
        TimeSpan left = caller.Key?.ExpiresAt - time.UtcNow() ?? Interval;
        return left > Interval ? Interval : left < TimeSpan.Zero ? TimeSpan.Zero : left;
    }
}
