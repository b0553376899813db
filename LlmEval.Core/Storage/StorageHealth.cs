using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Storage;

/// <summary>Whether the database answers now.</summary>
public sealed class StorageHealth(IDbContextFactory<LlmEvalDb> databases, StorageReadiness readiness, TimeProvider time)
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
            await using LlmEvalDb db = await databases.CreateDbContextAsync(limit.Token);
            await db.Database.ExecuteSqlRawAsync("SELECT 1", limit.Token);
            return null;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && (Outage.Is(e) || e is OperationCanceledException))
        {
            return "The database does not answer.";
        }
    }
}
