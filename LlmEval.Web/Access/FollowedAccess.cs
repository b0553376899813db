using LlmEval.Core.Access;
using LlmEval.Web.Live;

namespace LlmEval.Web.Access;

internal static class FollowedAccess
{
    /// <summary>Has a component look now, and again at every change of access, until it ends.</summary>
    /// <param name="look">Goes to the circuit of the component by itself.</param>
    public static Task FollowAsync(this AccessDirectory directory, Func<Task> look, CancellationToken closed) =>
        directory.FollowAsync(look, Timeout.InfiniteTimeSpan, TimeProvider.System, closed);

    /// <summary>
    /// Has a page read now what it lists, and anew what another tab or another administrator may have changed, while its viewer may
    /// see it. Begun on the page's dispatcher, it stays there.
    /// </summary>
    public static Task FollowAsync(
        this AccessDirectory directory, PageCaller viewer, Rights needed, OutageRetry retry, Func<Caller, Task> read, CancellationToken closed) =>
        directory.FollowAsync(
            () => retry.RunAsync(
                async () =>
                {
                    if (await viewer.LookAsync() is { } caller && caller.May(needed))
                    {
                        await read(caller);
                    }
                },
                closed),
            closed);

    /// <param name="every">Looks then too, whatever changes: for what ends by the clock.</param>
    /// <inheritdoc cref="FollowAsync(AccessDirectory, Func{Task}, CancellationToken)"/>
    public static async Task FollowAsync(this AccessDirectory directory, Func<Task> look, TimeSpan every, TimeProvider time, CancellationToken closed)
    {
        try
        {
            while (!closed.IsCancellationRequested)
            {
                Task changed = directory.Changed;
                await look();
                await changed.WaitAsync(every, time, closed)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The component or its circuit ended.
        }
    }
}
