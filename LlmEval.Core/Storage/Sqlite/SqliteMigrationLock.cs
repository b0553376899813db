using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Storage.Sqlite;

/// <summary>
/// The file belongs to this process alone (<see cref="SqliteFile"/>), so a lock row that EF finds was left by a process that
/// died; EF would wait for it for ever.
/// </summary>
internal sealed class SqliteMigrationLock(IDbContextFactory<SqliteDb> databases) : IMigrationLock, IAsyncDisposable
{
    public async Task<IAsyncDisposable> TakeAsync(CancellationToken cancel)
    {
        await using SqliteDb db = await databases.CreateDbContextAsync(cancel);
        await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS __EFMigrationsLock", cancel);
        return this;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
