namespace LlmEval.Core.Review;

/// <summary>
/// Tells the pages of this process that leases changed, which is no event. Pages on other replicas see it with the next event: a
/// verdict and the lease of the next trace go together.
/// </summary>
public sealed class ReviewSignal
{
    private TaskCompletionSource _changed = New();

    /// <summary>Completes at the next change. Take it before reading what it is about.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    internal void Raise() => Interlocked.Exchange(ref _changed, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
