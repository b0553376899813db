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

    /// <summary>Why they never will be, as the database is configured: the process is about to stop.</summary>
    public StorageSetupException? Refusal { get; internal set; }

    /// <exception cref="StorageSetupException"/>
    public void ThrowIfRefused()
    {
        if (Refusal is { } refusal)
        {
            throw refusal;
        }
    }

    internal void Set() => _ready.TrySetResult();
}
