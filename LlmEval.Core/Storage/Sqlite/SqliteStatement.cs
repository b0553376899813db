using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LlmEval.Core.Storage.Sqlite;

/// <summary>
/// A prepared statement, its parameters numbered from 1 in the order of their first use. A command of the driver finds each of them by its
/// name and makes several objects for it, at every run.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <exception cref="SqliteException"/>
    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        ThrowUnless(raw.SQLITE_OK, raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <param name="values">Of the types that columns have: long, int, bool, double, string, byte[], UTF-8 text as memory, and null.</param>
    /// <returns>What stands in the first column of the first row: long, double, string or byte[]; null where there is none.</returns>
    /// <exception cref="SqliteException"/>
    public object? Run(ReadOnlySpan<object?> values)
    {
        try
        {
            for (int i = 0; i < values.Length; i++)
            {
                ThrowUnless(raw.SQLITE_OK, Bind(i + 1, values[i]));
            }

            int code = raw.sqlite3_step(_statement);
            object? first = code == raw.SQLITE_ROW ? First() : null;
            while (code == raw.SQLITE_ROW)
            {
                code = raw.sqlite3_step(_statement);
            }

            ThrowUnless(raw.SQLITE_DONE, code);
            return first;
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);

            // It would keep its copies of long texts.
            _ = raw.sqlite3_clear_bindings(_statement);
        }
    }

    private int Bind(int at, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(_statement, at),

        // Nothing at no address would be NULL.
        "" => raw.sqlite3_bind_text(_statement, at, ""),
        byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(_statement, at, 0),
        string text => BindText(at, text),
        long number => raw.sqlite3_bind_int64(_statement, at, number),
        int number => raw.sqlite3_bind_int64(_statement, at, number),
        bool truth => raw.sqlite3_bind_int64(_statement, at, truth ? 1 : 0),
        double number => raw.sqlite3_bind_double(_statement, at, number),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, at, bytes),
        ReadOnlyMemory<byte> utf8 => raw.sqlite3_bind_text(_statement, at, utf8.Span),
        _ => throw new ArgumentException($"SQLite has no column for {value.GetType()}.", nameof(value)),
    };

    private int BindText(int at, string text)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, buffer);
        int code = raw.sqlite3_bind_text(_statement, at, buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
        return code;
    }

    private object? First() => raw.sqlite3_column_type(_statement, 0) switch
    {
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(_statement, 0),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(_statement, 0),
        raw.SQLITE_TEXT => raw.sqlite3_column_text(_statement, 0).utf8_to_string(),
        raw.SQLITE_BLOB => raw.sqlite3_column_blob(_statement, 0).ToArray(),
        _ => null,
    };

    private void ThrowUnless(int expected, int code)
    {
        if (code != expected)
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }
    }

    public void Dispose() => _statement.Dispose();
}
