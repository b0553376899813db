using Microsoft.EntityFrameworkCore.Storage;

namespace LlmEval.Core.Storage.Sqlite;

internal sealed class SqliteBackgroundTurn(SqliteFile file) : IBackgroundTurn
{
    public async Task<BackgroundTransaction?> TryBeginAsync(LlmEvalDb db, BackgroundWork work, CancellationToken cancel)
    {
        IDisposable turn = await file.TakeTurnAsync(cancel);
        try
        {
            // The provider begins with BEGIN IMMEDIATE: the snapshot and the right to write come together.
            IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel);
            return new BackgroundTransaction(transaction, turn);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }
}
