namespace LlmEval.Web.Review;

/// <summary>What a page offers to take back, for a while.</summary>
/// <param name="changed">Called when the time is over.</param>
/// <param name="closed">Ends with the page.</param>
public sealed class TimedOffer<T>(TimeSpan lasts, TimeProvider time, Action changed, CancellationToken closed)
    where T : class
{
    public T? Value { get; private set; }

    public void Make(T value) => Value = value;

    public void Withdraw() => Value = null;

    /// <summary>Ends it when its time is over. One that was made meanwhile stays.</summary>
    public async Task EndAsync(T value)
    {
        try
        {
            await Task.Delay(lasts, time, closed);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (ReferenceEquals(Value, value))
        {
            Value = null;
            changed();
        }
    }
}
