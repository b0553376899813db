using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>
/// Runs a change of who may do what: as an audited one, one at a time over all replicas, and known here when it returns.
/// </summary>
public sealed class AccessChanges(AuditedChanges changes, AccessDirectory directory)
{
    internal async Task<T> RunAsync<T>(Func<AuditedTransaction, Task<T>> change, Actor actor, CancellationToken cancel)
    {
        T result = await changes.RunAsync(
            async work =>
            {
                // First of all: the row's lock is what puts changes one after another.
                await work.Db.Set<AccessHead>().ExecuteUpdateAsync(h => h.SetProperty(x => x.Version, x => x.Version + 1), work.Cancel);
                return await change(work);
            },
            actor,
            cancel);
        try
        {
            await directory.RefreshAsync(cancel);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            // It is done: saying that it failed would be wrong. It is known here as on other replicas, when the database is back.
        }

        return result;
    }
}
