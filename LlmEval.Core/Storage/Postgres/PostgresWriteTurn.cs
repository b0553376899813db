namespace LlmEval.Core.Storage.Postgres;

internal sealed class PostgresWriteTurn : IWriteTurn
{
    public ValueTask<IDisposable?> TakeAsync(CancellationToken cancel) => new((IDisposable?)null);
}
