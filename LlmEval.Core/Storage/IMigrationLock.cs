namespace LlmEval.Core.Storage;

/// <summary>Lets one replica at a time change the tables.</summary>
public interface IMigrationLock
{
    Task<IAsyncDisposable> TakeAsync(CancellationToken cancel);
}
