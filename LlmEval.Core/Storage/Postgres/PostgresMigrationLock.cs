using Npgsql;

namespace LlmEval.Core.Storage.Postgres;

/// <summary>An advisory lock on a connection of its own: it is free again when that connection is gone, however it goes.</summary>
internal sealed class PostgresMigrationLock(NpgsqlDataSource source) : IMigrationLock
{
    private const long Key = 0x4C6C6D4576616C; // "LlmEval"

    public async Task<IAsyncDisposable> TakeAsync(CancellationToken cancel)
    {
        NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        try
        {
            // No limit of time: the first replica may have a long migration to run. The setting ends with the transaction, the
            // lock stays with the session.
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
            await using NpgsqlCommand command = new("SELECT set_config('lock_timeout', '0', true), pg_advisory_lock($1)", connection) { CommandTimeout = 0 };
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Key });
            await command.ExecuteNonQueryAsync(cancel);
            await transaction.CommitAsync(cancel);
            return new Held(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private sealed class Held(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await using (connection)
            {
                await using NpgsqlCommand command = new("SELECT pg_advisory_unlock($1)", connection);
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Key });
                await command.ExecuteNonQueryAsync();
            }
        }
    }
}
