using System.Text.Json;
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

/// <summary>What a change works with.</summary>
internal sealed record AccessTransaction(LlmEvalDb Db, Actor Actor, DateTime Now, CancellationToken Cancel)
{
    /// <param name="detail">Serialised as the JSON of what changed; never a secret.</param>
    public void Audit(string action, string subject, int? projectId, object? detail = null) => Db.Add(new AuditEntry
    {
        At = Now,
        ProjectId = projectId,
        Actor = Actor.Name,
        UserId = Actor.UserId,
        KeyId = Actor.KeyId,
        Address = Actor.Address,
        RequestId = Actor.RequestId,
        Action = action,
        Subject = subject,
        Detail = detail is null ? null : JsonSerializer.Serialize(detail),
    });
}
