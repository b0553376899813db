namespace LlmEval.Core.Primitives;

/// <summary>Says to whoever waits that something changed. A waiter takes the task first, then looks, then waits: it misses nothing.</summary>
public sealed class Signal
{
    private TaskCompletionSource _next = NewTask();

    /// <summary>Completes at the next change after it was read.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Raise() => Interlocked.Exchange(ref _next, NewTask()).SetResult();

    // Continuations run on the pool: whoever raises it must not run those who wait.
    private static TaskCompletionSource NewTask() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
