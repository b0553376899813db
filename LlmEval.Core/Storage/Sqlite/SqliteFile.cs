using Microsoft.Data.Sqlite;

namespace LlmEval.Core.Storage.Sqlite;

/// <summary>The embedded database's file, and the turn that writers take: SQLite has one writer at a time.</summary>
public sealed class SqliteFile : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly FileStream _lock;

    /// <exception cref="StorageSetupException">The folder cannot be used, or another process uses it.</exception>
    public SqliteFile(StorageOptions options)
    {
        string folder = Path.GetFullPath(options.DataFolder);
        string lockFile = Path.Combine(folder, "llmeval.lock");
        try
        {
            Directory.CreateDirectory(folder);
            _lock = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StorageSetupException($"The data folder {folder} cannot be written. Make it writable, or set LlmEval__DataFolder.", e);
        }
        catch (IOException e)
        {
            throw new StorageSetupException(
                $"The data folder {folder} cannot be used: {e.Message} If another LlmEval runs on it, stop that one, set LlmEval__DataFolder "
                + "to another folder, or set DATABASE_URL to a PostgreSQL that both can share.",
                e);
        }

        ConnectionString = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(folder, "llmeval.db"),
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = true,
            DefaultTimeout = 10,
        }.ConnectionString;
    }

    public string ConnectionString { get; }

    public void CloseIdle()
    {
        using var connection = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(connection);
    }

    /// <summary>Waits for the turn to write. Dispose it when the transaction has ended.</summary>
    public async ValueTask<IDisposable> TakeTurnAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        return new Turn(_turn);
    }

    /// <summary>
    /// WAL lets readers read while one writes; FULL makes a commit wait for the disk, which is what an acknowledgement promises. The log
    /// is kept short by <see cref="SqliteCheckpoints"/>, and by a commit itself only when it has 128 MB nevertheless.
    /// </summary>
    internal static void Prepare(SqliteConnection connection)
    {
        connection.CreateFunction<string?, string, string?>(JsonText.SqliteMember, JsonText.Member, isDeterministic: true);
        using SqliteCommand pragmas = connection.CreateCommand();
        pragmas.CommandText =
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000; PRAGMA cache_size=-65536; "
            + "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=32000;";
        pragmas.ExecuteNonQuery();
    }

    public void Dispose()
    {
        // Pooled connections keep the file open; a test or a restart in the same process must find it free.
        CloseIdle();

        _lock.Dispose();
        _turn.Dispose();
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        private SemaphoreSlim? _turn = turn;

        public void Dispose() => Interlocked.Exchange(ref _turn, null)?.Release();
    }
}
