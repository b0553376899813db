namespace LlmEval.Core.Outbound;

/// <summary>Says in this process that somebody changed a subscription or a delivery.</summary>
public sealed class OutboundSignal
{
    private TaskCompletionSource _next = NewTask();

    /// <summary>Completes at the next change after it was read.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Raise() => Interlocked.Exchange(ref _next, NewTask()).SetResult();

    private static TaskCompletionSource NewTask() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
