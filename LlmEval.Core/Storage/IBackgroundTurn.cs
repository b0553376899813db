using Microsoft.EntityFrameworkCore.Storage;

namespace LlmEval.Core.Storage;

/// <summary>Work that one replica at a time does in the background. The numbers are lock keys: never renumber.</summary>
public enum BackgroundWork
{
    FoldRollups = 1,
    TrimEvents = 2,
    IndexText = 3,
    SweepTraces = 10,
    TrimDeliveries = 12,
    SweepMessages = 15,
}

/// <summary>Opens transactions for background work.</summary>
public interface IBackgroundTurn
{
    /// <summary>
    /// Begins a write transaction on the context, unless another replica is doing the same work. Never waits for a replica;
    /// on SQLite it waits for the turn to write.
    /// </summary>
    /// <returns>Null when somebody else is at it. Disposing it without a commit rolls back.</returns>
    Task<BackgroundTransaction?> TryBeginAsync(LlmEvalDb db, BackgroundWork work, CancellationToken cancel);
}

/// <summary>A transaction of background work, and the turn that it holds until its end.</summary>
/// <param name="turn">Null where the database itself keeps the order.</param>
public sealed class BackgroundTransaction(IDbContextTransaction transaction, IDisposable? turn) : IAsyncDisposable
{
    public Task CommitAsync(CancellationToken cancel) => transaction.CommitAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await transaction.DisposeAsync();
        }
        finally
        {
            turn?.Dispose();
        }
    }
}
