using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace LlmEval.Core.Access;

/// <summary>
/// Runs a change of who may do what as one transaction: one change at a time over all replicas, with its line in the audit log,
/// and known here when it returns.
/// </summary>
public sealed class AccessChanges(IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn, AccessDirectory directory, TimeProvider time)
{
    internal async Task<T> RunAsync<T>(Func<AccessTransaction, Task<T>> change, Actor actor, CancellationToken cancel)
    {
        T result;
        await using (LlmEvalDb db = await databases.CreateDbContextAsync(cancel))
        {
            using IDisposable? writing = await turn.TakeAsync(cancel);
            await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel);

            // First of all: the row's lock is what puts changes one after another.
            await db.Set<AccessHead>().ExecuteUpdateAsync(h => h.SetProperty(x => x.Version, x => x.Version + 1), cancel);
            result = await change(new AccessTransaction(db, actor, time.UtcNow(), cancel));
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }

        await directory.RefreshAsync(cancel);
        return result;
    }
}
