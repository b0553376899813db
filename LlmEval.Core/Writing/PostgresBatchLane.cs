using System.Data;
using LlmEval.Core.Primitives;
using Npgsql;

namespace LlmEval.Core.Writing;

/// <summary>The connection that batches are stored by, with what is sent over it. For one batch at a time.</summary>
internal sealed class PostgresBatchLane : IDisposable
{
    private NpgsqlConnection? _connection;

    /// <summary>Looked up anew with a new connection.</summary>
    public RowTypes? Types { get; private set; }

    /// <summary>Waits for the database, where a pooled thread would be late when the answer comes.</summary>
    public OwnThread Thread { get; } = new("Batches");

    public PostgresRowWriter Rows { get; } = new();

    public PostgresRowWriter Deltas { get; } = new();

    /// <param name="seconds">What a question may take.</param>
    public (NpgsqlConnection Connection, RowTypes Types) Open(NpgsqlDataSource source, int seconds)
    {
        if (_connection is not { State: ConnectionState.Open })
        {
            // One that broke is no use any more.
            Close();
            _connection = source.OpenConnection();
        }

        Types ??= PostgresRows.FindTypesAsync(_connection, seconds, blocks: true, CancellationToken.None).GetAwaiter().GetResult();
        return (_connection, Types);
    }

    /// <summary>Ends it once what was begun on it is over, however that went.</summary>
    public async Task EndAfterAsync(Task begun)
    {
        await begun.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Dispose();
    }

    private void Close()
    {
        (NpgsqlConnection? connection, _connection, Types) = (_connection, null, null);
        connection?.Dispose();
    }

    public void Dispose()
    {
        Close();
        Thread.Dispose();
    }
}
