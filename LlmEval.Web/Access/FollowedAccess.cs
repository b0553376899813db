using LlmEval.Core.Access;

namespace LlmEval.Web.Access;

internal static class FollowedAccess
{
    /// <summary>Has a component look now, and again at every change of access, until it ends.</summary>
    /// <param name="look">Goes to the circuit of the component by itself.</param>
    public static async Task FollowAsync(this AccessDirectory directory, Func<Task> look, CancellationToken closed)
    {
        try
        {
            while (!closed.IsCancellationRequested)
            {
                Task changed = directory.Changed;
                await look();
                await changed.WaitAsync(closed);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The component or its circuit ended.
        }
    }
}
