using LlmEval.Core.Storage;
using LlmEval.Core.Storage.Sqlite;
using LlmEval.Tests.Support;
using Microsoft.Data.Sqlite;

namespace LlmEval.Tests.Storage;

public sealed class SqliteCheckpointsTests : IDisposable
{
    // A page of the file for each row: one round makes some 8 MB of log.
    private const int RowsOfARound = 2_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("llmeval-checkpoints-").FullName;
    private readonly SqliteFile _file;
    private readonly SqliteCheckpoints _checkpoints;
    private readonly SqliteConnection _writer;

    public SqliteCheckpointsTests()
    {
        _file = new SqliteFile(new StorageOptions { DataFolder = _folder });
        _checkpoints = new SqliteCheckpoints(_file);
        _writer = Open();
        Execute(_writer, "CREATE TABLE texts (text BLOB)");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private long Database => new FileInfo(Path.Combine(_folder, "llmeval.db")).Length;

    private long Log => new FileInfo(Path.Combine(_folder, "llmeval.db-wal")).Length;

    [Fact]
    public async Task WhatWasWrittenIsTakenOverIntoTheFile()
    {
        await WriteAsync(counted: 5_000);

        await Eventually.TrueAsync(() => Database > RowsOfARound * 4_000);
    }

    [Fact]
    public async Task ALittleIsNoReasonToTakeItOver()
    {
        await WriteAsync(counted: 4_999);
        _checkpoints.Dispose();

        Assert.True(Database < RowsOfARound * 4_000, $"The file has {Database} bytes.");
    }

    [Fact]
    public async Task TheLogBeginsAnewHoweverMuchIsWritten()
    {
        for (int round = 1; round <= 5; round++)
        {
            await WriteAsync(counted: 5_000);
            long rows = round * RowsOfARound;
            await Eventually.TrueAsync(() => Database > rows * 4_000);
            using IDisposable turn = await _file.TakeTurnAsync(Cancel);
        }

        Assert.True(Log < 3 * RowsOfARound * 4_200, $"After five rounds the log has {Log} bytes.");
    }

    [Fact]
    public async Task TheLogBeginsAnewWhenNobodyStopsWriting()
    {
        for (int round = 0; round < 12; round++)
        {
            await WriteAsync(counted: 5_000);
        }

        Assert.True(Log < 6 * RowsOfARound * 4_200, $"After twelve rounds the log has {Log} bytes.");
    }

    [Fact]
    public async Task AReaderOfAnOldStateHoldsNobodyUpAndTheNextRoundCatchesUp()
    {
        using SqliteConnection reader = Open();
        using (SqliteTransaction old = reader.BeginTransaction(deferred: true))
        {
            Execute(reader, "SELECT count(*) FROM texts");
            await WriteAsync(counted: 5_000);
            await WriteAsync(counted: 5_000);
        }

        // The one that the reader was in the way of may not have ended.
        await Eventually.TrueAsync(async () =>
        {
            await WriteAsync(counted: 5_000);
            return Database > 2 * RowsOfARound * 4_000;
        });
    }

    private async Task WriteAsync(int counted)
    {
        using IDisposable turn = await _file.TakeTurnAsync(Cancel);
        using SqliteTransaction transaction = _writer.BeginTransaction();
        for (int i = 0; i < RowsOfARound; i++)
        {
            Execute(_writer, "INSERT INTO texts VALUES (randomblob(4000))");
        }

        transaction.Commit();
        _checkpoints.Wrote(counted);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_file.ConnectionString);
        connection.Open();
        SqliteFile.Prepare(connection);
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        _checkpoints.Dispose();
        _writer.Dispose();
        _file.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
