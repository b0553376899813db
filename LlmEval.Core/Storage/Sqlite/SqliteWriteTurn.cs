namespace LlmEval.Core.Storage.Sqlite;

internal sealed class SqliteWriteTurn(SqliteFile file) : IWriteTurn
{
    public async ValueTask<IDisposable?> TakeAsync(CancellationToken cancel) => await file.TakeTurnAsync(cancel);
}
