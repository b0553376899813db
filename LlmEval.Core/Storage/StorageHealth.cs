using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Storage;

/// <summary>Closes the connections that nobody uses now: the network may have forgotten them, and each would be found dead only after a while.</summary>
public delegate void CloseIdleConnections();

/// <summary>Whether the database answers now.</summary>
public sealed class StorageHealth(
    IDbContextFactory<LlmEvalDb> databases, StorageReadiness readiness, TimeProvider time, CloseIdleConnections closeIdle)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <returns>Null when all is well, else what is wrong, without details that an outsider should not see.</returns>
    public async Task<string?> FindFaultAsync(CancellationToken cancel)
    {
        if (!readiness.IsReady)
        {
            return "The database has not been reached since the start.";
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using ITimer timer = time.CreateTimer(_ => limit.Cancel(), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            // A server that stands still does not answer a cancellation either: the question is left behind.
            await AskAsync(limit.Token).WaitAsync(limit.Token);
            return null;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && (Outage.Is(e) || e is OperationCanceledException))
        {
            closeIdle();
            return "The database does not answer.";
        }
    }

    private async Task AskAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        await db.Database.ExecuteSqlRawAsync("SELECT 1", cancel);
    }
}
