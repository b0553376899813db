using Microsoft.Extensions.Options;
using Npgsql;

namespace LlmEval.Core.Storage.Postgres;

/// <summary>A connection for asking whether the database answers: readers that take all others for long are no outage.</summary>
internal sealed class PostgresProbe(IOptions<StorageOptions> options) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = PostgresDataSource.Create(options.Value, StorageOptions.ProbeConnections);

    public async Task AskAsync(CancellationToken cancel)
    {
        await using NpgsqlCommand command = _source.CreateCommand("SELECT 1");
        await command.ExecuteNonQueryAsync(cancel);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
