namespace LlmEval.Core.Storage;

/// <summary>
/// The turn to write for whoever writes small things by a context. SQLite has one writer at a time: waiting in line is quicker
/// than meeting its lock. PostgreSQL needs no turns.
/// </summary>
public interface IWriteTurn
{
    /// <summary>Waits for the turn; dispose it when the write has ended.</summary>
    ValueTask<IDisposable?> TakeAsync(CancellationToken cancel);
}
