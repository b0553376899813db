using System.Text;
using LlmEval.Core.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LlmEval.Tests.Storage;

public sealed class SqliteStatementTests : IDisposable
{
    private readonly SqliteConnection _connection = new("Data Source=:memory:");

    public SqliteStatementTests() => _connection.Open();

    public static TheoryData<object?, object?> Values => new()
    {
        { null, null },
        { 5_000_000_000L, 5_000_000_000L },
        { -7, -7L },
        { true, 1L },
        { false, 0L },
        { 0.1, 0.1 },
        { "", "" },
        { "Größe \0 漢字 \U0001F600", "Größe \0 漢字 \U0001F600" },
        { Array.Empty<byte>(), Array.Empty<byte>() },
        { new byte[] { 0, 255, 1 }, new byte[] { 0, 255, 1 } },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void AValueComesBackAsItWasGiven(object? value, object? expected)
    {
        using var statement = new SqliteStatement(_connection, "SELECT $0");

        Assert.Equal(expected, statement.Run([value]));
    }

    [Fact]
    public void TextInUtf8IsTextAndNoBlob()
    {
        using var statement = new SqliteStatement(_connection, "SELECT typeof($0) || ': ' || $0");

        Assert.Equal("text: Größe", statement.Run([(ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes("Größe")]));
    }

    [Fact]
    public void ALongTextIsKeptWhole()
    {
        string text = new('ß', 300_000);
        using var statement = new SqliteStatement(_connection, "SELECT $0");

        Assert.Equal(text, statement.Run([text]));
    }

    [Fact]
    public void AValueOfOneRunIsNotLeftForTheNext()
    {
        using var statement = new SqliteStatement(_connection, "SELECT $0");

        Assert.Equal("first", statement.Run(["first"]));
        Assert.Null(statement.Run([]));
    }

    [Fact]
    public void AStatementThatIsRefusedSaysWhyAndCanRunAgain()
    {
        Run("CREATE TABLE names (name TEXT PRIMARY KEY)");
        using var insert = new SqliteStatement(_connection, "INSERT INTO names VALUES ($0)");
        insert.Run(["bo"]);

        SqliteException refused = Assert.Throws<SqliteException>(() => insert.Run(["bo"]));
        insert.Run(["zoe"]);

        Assert.Equal(19, refused.SqliteErrorCode);
        Assert.Contains("names.name", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2L, Run("SELECT count(*) FROM names"));
    }

    [Fact]
    public void WhatIsNoStatementIsRefusedWhenItIsPrepared() =>
        Assert.Contains("nothing", Assert.Throws<SqliteException>(() => new SqliteStatement(_connection, "SELECT x FROM nothing")).Message, StringComparison.Ordinal);

    [Fact]
    public void EveryRowIsRunThroughAndTheFirstIsAnswered()
    {
        Run("CREATE TABLE numbers (n INTEGER)");

        Assert.Equal(1L, Run("INSERT INTO numbers VALUES (1), (2), (3) RETURNING n"));
        Assert.Equal(3L, Run("SELECT count(*) FROM numbers"));
    }

    private object? Run(string sql)
    {
        using var statement = new SqliteStatement(_connection, sql);
        return statement.Run([]);
    }

    public void Dispose() => _connection.Dispose();
}
