using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Storage;

/// <summary>Closes the connections that nobody uses now: the network may have forgotten them, and each would be found dead only after a while.</summary>
public delegate void CloseIdleConnections();

/// <param name="Reason">Without details that an outsider should not see.</param>
/// <param name="IsAway">It does not answer; else it is only not ready yet.</param>
public sealed record StorageFault(string Reason, bool IsAway);

/// <summary>Whether the database answers now.</summary>
public sealed class StorageHealth(
    IDbContextFactory<LlmEvalDb> databases, StorageReadiness readiness, TimeProvider time, CloseIdleConnections closeIdle)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <returns>Null when all is well.</returns>
    public async Task<StorageFault?> FindFaultAsync(CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            // A server that stands still does not answer a cancellation either: the question is left behind.
            await AskAsync(limit.Token).WaitAsync(limit.Token);
            return readiness.IsReady ? null : new StorageFault("The database answers; its tables are being brought up to date.", IsAway: false);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && (Outage.Is(e) || e is OperationCanceledException))
        {
            closeIdle();
            return new StorageFault("The database does not answer.", IsAway: true);
        }
    }

    private async Task AskAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        await db.Database.ExecuteSqlRawAsync("SELECT 1", cancel);
    }
}
