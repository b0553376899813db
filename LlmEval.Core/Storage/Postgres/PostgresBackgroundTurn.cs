using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace LlmEval.Core.Storage.Postgres;

internal sealed class PostgresBackgroundTurn : IBackgroundTurn
{
    private const int LockSpace = 0x4C6C6D; // "Llm"

    public async Task<BackgroundTransaction?> TryBeginAsync(LlmEvalDb db, BackgroundWork work, CancellationToken cancel)
    {
        IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel);
        try
        {
            int space = LockSpace;
            int key = (int)work;
            bool mine = await db.Database.SqlQuery<bool>($"""SELECT pg_try_advisory_xact_lock({space}, {key}) AS "Value" """).SingleAsync(cancel);
            if (mine)
            {
                return new BackgroundTransaction(transaction, turn: null);
            }
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }

        await transaction.DisposeAsync();
        return null;
    }
}
