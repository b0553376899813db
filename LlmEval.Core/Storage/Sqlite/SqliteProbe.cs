using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Storage.Sqlite;

/// <summary>Asks whether the file can be read.</summary>
internal sealed class SqliteProbe(IDbContextFactory<LlmEvalDb> databases)
{
    public async Task AskAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        await db.Database.ExecuteSqlRawAsync("SELECT 1", cancel);
    }
}
