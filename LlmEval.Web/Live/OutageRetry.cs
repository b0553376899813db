using LlmEval.Core.Storage;

namespace LlmEval.Web.Live;

/// <summary>Does what needs the database again until it succeeds, and lets the page say so meanwhile.</summary>
/// <param name="changed">Called when the page has something to say.</param>
public sealed class OutageRetry(TimeProvider time, Action changed)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(8);

    /// <summary>The database is away; what was wanted is tried again.</summary>
    public bool IsAway { get; private set; }

    /// <summary>What stands where the first reading has not come yet.</summary>
    public string Waiting => IsAway ? "The database cannot be reached. This page tries again by itself." : "Loading…";

    public Task RunAsync(Func<Task> work, CancellationToken cancel) => RunAsync(
        async () =>
        {
            await work();
            return true;
        },
        cancel);

    /// <param name="work">Ends with an exception when it is cancelled: what it returns counts.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancel)
    {
        TimeSpan pause = TimeSpan.FromSeconds(1);
        while (true)
        {
            try
            {
                T result = await work();
                IsAway = false;
                return result;
            }
            catch (Exception e) when (Outage.Is(e))
            {
                IsAway = true;
                changed();
                await Task.Delay(pause, time, cancel);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }
}
