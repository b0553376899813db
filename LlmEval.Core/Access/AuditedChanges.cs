using System.Data.Common;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace LlmEval.Core.Access;

/// <summary>Runs a change of what people set up as one transaction with its line in the audit log: neither is there without the other.</summary>
public sealed class AuditedChanges(IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn, TimeProvider time)
{
    private const string UniqueViolation = "23505";
    private const int Attempts = 3;

    /// <param name="change">Runs again from the beginning when somebody else added the same row meanwhile, which it then finds.</param>
    internal async Task<T> RunAsync<T>(Func<AuditedTransaction, Task<T>> change, Actor actor, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await RunOnceAsync(change, actor, cancel);
            }
            catch (DbUpdateException e) when (attempt < Attempts && e.InnerException is DbException { SqlState: UniqueViolation })
            {
            }
        }
    }

    private async Task<T> RunOnceAsync<T>(Func<AuditedTransaction, Task<T>> change, Actor actor, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel);
        T result = await change(new AuditedTransaction(db, actor, time.UtcNow(), cancel));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return result;
    }
}
