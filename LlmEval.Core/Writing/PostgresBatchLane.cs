using System.Data;
using Npgsql;

namespace LlmEval.Core.Writing;

/// <summary>The connection that batches are stored by, with what is sent over it. For one batch at a time.</summary>
internal sealed class PostgresBatchLane : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    /// <summary>Looked up anew with a new connection.</summary>
    public RowTypes? Types { get; private set; }

    public PostgresRowWriter Rows { get; } = new();

    public PostgresRowWriter Deltas { get; } = new();

    /// <param name="seconds">What a question may take.</param>
    public async ValueTask<(NpgsqlConnection Connection, RowTypes Types)> OpenAsync(NpgsqlDataSource source, int seconds, CancellationToken cancel)
    {
        if (_connection is not { State: ConnectionState.Open })
        {
            // One that broke is no use any more.
            await DisposeAsync();
            _connection = await source.OpenConnectionAsync(cancel);
        }

        Types ??= await PostgresRows.FindTypesAsync(_connection, seconds, cancel);
        return (_connection, Types);
    }

    /// <summary>Ends it once what was begun on it is over, however that went.</summary>
    public async Task EndAfterAsync(Task begun)
    {
        await begun.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        (NpgsqlConnection? connection, _connection, Types) = (_connection, null, null);
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }
}
