namespace LlmEval.Core.Storage;

/// <summary>Whether the tables are there. Everything that reads or writes in the background waits for it.</summary>
public sealed class StorageReadiness
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    public Task WaitAsync(CancellationToken cancel) => _ready.Task.WaitAsync(cancel);

    /// <exception cref="StorageNotReadyException"/>
    public void ThrowIfNotReady()
    {
        if (!IsReady)
        {
            throw new StorageNotReadyException();
        }
    }

    /// <summary>Why this process cannot work with the database as it is: it is about to stop.</summary>
    public Exception? Refusal { get; internal set; }

    /// <exception cref="Exception">The refusal.</exception>
    public void ThrowIfRefused()
    {
        if (Refusal is { } refusal)
        {
            throw refusal;
        }
    }

    internal void Set() => _ready.TrySetResult();
}
