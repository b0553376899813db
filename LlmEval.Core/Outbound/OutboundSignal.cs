namespace LlmEval.Core.Outbound;

/// <summary>Says in this process that somebody changed a subscription, or what became of a delivery.</summary>
public sealed class OutboundSignal
{
    private TaskCompletionSource _next = NewTask();
    private TaskCompletionSource _nextDelivery = NewTask();

    /// <summary>Completes when somebody changes something after it was read: what is served has to be looked at again.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Completes at the next change or delivery after it was read: what is shown has to be.</summary>
    public Task NextDelivery => Volatile.Read(ref _nextDelivery).Task;

    public void Raise()
    {
        Interlocked.Exchange(ref _next, NewTask()).SetResult();
        RaiseDelivery();
    }

    /// <summary>A delivery is planned, was tried, or may have been by another replica.</summary>
    public void RaiseDelivery() => Interlocked.Exchange(ref _nextDelivery, NewTask()).SetResult();

    private static TaskCompletionSource NewTask() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
