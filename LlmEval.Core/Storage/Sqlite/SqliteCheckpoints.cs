using LlmEval.Core.Primitives;
using Microsoft.Data.Sqlite;

namespace LlmEval.Core.Storage.Sqlite;

/// <summary>
/// Takes what was written from SQLite's log over into the database file, beside the writers. SQLite by itself does it within the commit that makes the
/// log too long, and everybody waits.
/// </summary>
internal sealed class SqliteCheckpoints(SqliteFile file) : IDisposable
{
    /// <summary>
    /// Rows between two checkpoints, some 12 KB of log each: a page that many rows change is taken over once. What long texts or other
    /// writers make of it, <see cref="SqliteFile"/> bounds.
    /// </summary>
    private const int Rows = 5_000;

    private readonly OwnThread _thread = new("Checkpoints");
    private SqliteConnection? _connection;
    private Task _running = Task.CompletedTask;
    private int _rows;

    /// <summary>For whoever has the turn to write.</summary>
    public void Wrote(int rows)
    {
        _rows += rows;
        if (_rows >= Rows && _running.IsCompleted)
        {
            _rows = 0;
            _running = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await _thread.RunAsync(Checkpoint);

            // Once there is nothing left to take over, the next writer begins the log anew: so for the little that came meanwhile, none writes.
            using IDisposable turn = await file.TakeTurnAsync(CancellationToken.None);
            await _thread.RunAsync(Checkpoint);
        }
        catch (Exception e) when (e is SqliteException or ObjectDisposedException)
        {
            // The log stays as it is, and the next commit that finds it too long tries by itself.
        }
    }

    private bool Checkpoint()
    {
        if (_connection is null)
        {
            var connection = new SqliteConnection(file.ConnectionString);
            connection.Open();
            SqliteFile.Prepare(connection);
            _connection = connection;
        }

        using SqliteCommand command = _connection.CreateCommand();

        // It waits for nobody, and nobody for it.
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        return command.ExecuteScalar() is 0L;
    }

    public void Dispose()
    {
        _running.Wait();
        _connection?.Dispose();
        _thread.Dispose();
    }
}
