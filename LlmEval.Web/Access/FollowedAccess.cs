using LlmEval.Core.Access;

namespace LlmEval.Web.Access;

internal static class FollowedAccess
{
    /// <summary>Has a component look now, and again at every change of access, until it ends.</summary>
    /// <param name="look">Goes to the circuit of the component by itself.</param>
    public static Task FollowAsync(this AccessDirectory directory, Func<Task> look, CancellationToken closed) =>
        directory.FollowAsync(look, Timeout.InfiniteTimeSpan, TimeProvider.System, closed);

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
