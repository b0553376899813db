using System.Globalization;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using LlmEval.Core.Storage.Sqlite;
using LlmEval.Core.Traces;
using Microsoft.Data.Sqlite;

namespace LlmEval.Core.Writing;

/// <summary>Writes by prepared statements on one connection of its own, which is kept open.</summary>
internal sealed class SqliteTraceStore(SqliteFile file, StorageReadiness readiness, TimeProvider time) : ITraceStore, IDisposable
{
    private const int Constraint = 19;
    private const int TooBig = 18;
    private const int Mismatch = 20;

    // For batches: whoever sends them has the answers to the last one to give meanwhile.
    private readonly OwnThread _thread = new("Batches");

    // Used only by whoever holds the turn.
    private SqliteConnection? _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = [];

    public async Task<long> InsertAsync(IReadOnlyList<PreparedTrace> traces, IReadOnlyList<AnsweredMessage> messages, CancellationToken cancel)
    {
        using IDisposable turn = await file.TakeTurnAsync(cancel);
        return await _thread.RunAsync(() => Run(() =>
        {
            foreach (AnsweredMessage message in messages)
            {
                Execute(SqliteStatements.InsertMessage, SqliteStatements.Values(message, time.UtcNow()));
            }

            var deltas = new RollupDeltas();
            foreach (PreparedTrace trace in traces)
            {
                Execute(SqliteStatements.InsertTrace, SqliteStatements.Values(trace.Trace));
                foreach (Evaluation entry in trace.History)
                {
                    Execute(SqliteStatements.InsertEvaluation, SqliteStatements.Values(entry));
                }

                deltas.Add(trace.Trace);
            }

            InsertDeltas(deltas);
            return AppendEvents([.. traces.Select(t => t.Event)]);
        }));
    }

    public async Task<Dictionary<TraceKey, byte[]>> FindHashesAsync(IReadOnlyList<TraceKey> keys, CancellationToken cancel)
    {
        using IDisposable turn = await file.TakeTurnAsync(cancel);
        SqliteCommand command = Command("SELECT content_hash FROM traces WHERE project_id = $0 AND trace_id = $1", 2);
        var found = new Dictionary<TraceKey, byte[]>();
        foreach (TraceKey key in keys)
        {
            command.Parameters[0].Value = key.ProjectId;
            command.Parameters[1].Value = key.TraceId;
            if (command.ExecuteScalar() is byte[] hash)
            {
                found[key] = hash;
            }
        }

        return found;
    }

    public async Task<byte[]?[]> FindMessagesAsync(IReadOnlyList<SignedMessage> messages, CancellationToken cancel)
    {
        using IDisposable turn = await file.TakeTurnAsync(cancel);
        return [.. messages.Select(m => (byte[]?)Scalar("SELECT outcomes FROM webhook_messages WHERE project_id = $0 AND digest = $1", m.ProjectId, m.Digest))];
    }

    public async Task InsertMessagesAsync(IReadOnlyList<AnsweredMessage> messages, CancellationToken cancel)
    {
        using IDisposable turn = await file.TakeTurnAsync(cancel);
        Run(() =>
        {
            foreach (AnsweredMessage message in messages)
            {
                Execute(SqliteStatements.InsertMessage + " ON CONFLICT DO NOTHING", SqliteStatements.Values(message, time.UtcNow()));
            }

            return messages.Count;
        });
    }

    public async Task<long?> ApplyAsync(TraceChange change, CancellationToken cancel)
    {
        using IDisposable turn = await file.TakeTurnAsync(cancel);
        Trace before = change.Before;
        object? version = Scalar("SELECT version FROM traces WHERE id = $0", before.Id);
        if (version is not long current || current != before.Version)
        {
            return null;
        }

        return Run(() =>
        {
            var deltas = new RollupDeltas();
            deltas.Subtract(before);
            if (change.After is { } after)
            {
                deltas.Add(after);
                Execute(SqliteStatements.UpdateTrace, [.. SqliteStatements.Values(after), before.Id]);
            }
            else
            {
                Execute("DELETE FROM traces WHERE id = $0", before.Id);
                Execute("DELETE FROM evaluations WHERE project_id = $0 AND trace_id = $1", before.ProjectId, before.TraceId);
            }

            if (change.Verdict is { } verdict)
            {
                Execute(SqliteStatements.InsertEvaluation, SqliteStatements.Values(verdict));
            }

            if (change.Audit is { } line)
            {
                Execute(SqliteStatements.InsertAudit, SqliteStatements.Values(line));
            }

            InsertDeltas(deltas);
            return AppendEvents([change.Event]);
        });
    }

    private long Run(Func<long> write)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            long result = write();
            Execute("COMMIT");
            return result;
        }
        catch (SqliteException e)
        {
            RollBack();
            throw e.SqliteErrorCode switch
            {
                Constraint when e.SqliteExtendedErrorCode is 1555 or 2067 => new TraceExistsException(),
                Constraint or TooBig or Mismatch => new UnstorableException($"the database cannot hold it: {e.Message}", e),
                _ => e,
            };
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    private void RollBack()
    {
        try
        {
            Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // Some faults (a full disk) end the transaction by themselves. Whatever the state, a new connection has none.
            Close();
        }
    }

    private void InsertDeltas(RollupDeltas deltas)
    {
        foreach (RollupDelta delta in deltas.ToRows())
        {
            Execute(SqliteStatements.InsertDelta, SqliteStatements.Values(delta));
        }
    }

    private long AppendEvents(IReadOnlyList<PendingEvent> events)
    {
        long last = (long)Scalar("UPDATE event_head SET last_id = last_id + $0 WHERE id = 1 RETURNING last_id", events.Count)!;
        long id = last - events.Count;
        long now = time.UtcNow().ToUnixMicroseconds();
        foreach (PendingEvent e in events)
        {
            Execute(SqliteStatements.InsertEvent, SqliteStatements.Values(++id, now, e));
        }

        return last - events.Count + 1;
    }

    private void Execute(string sql, params object?[] values) => Bind(sql, values).ExecuteNonQuery();

    private object? Scalar(string sql, params object?[] values) => Bind(sql, values).ExecuteScalar();

    private SqliteCommand Bind(string sql, object?[] values)
    {
        SqliteCommand command = Command(sql, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }

    private SqliteCommand Command(string sql, int parameters)
    {
        SqliteConnection connection = Connection();
        if (!_commands.TryGetValue(sql, out SqliteCommand? command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            for (int i = 0; i < parameters; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i.ToString(CultureInfo.InvariantCulture) });
            }

            _commands.Add(sql, command);
        }

        return command;
    }

    private SqliteConnection Connection()
    {
        if (_connection is null)
        {
            readiness.ThrowIfNotReady();
            var connection = new SqliteConnection(file.ConnectionString);
            connection.Open();
            SqliteFile.Prepare(connection);
            _connection = connection;
        }

        return _connection;
    }

    private void Close()
    {
        foreach (SqliteCommand command in _commands.Values)
        {
            command.Dispose();
        }

        _commands.Clear();
        _connection?.Dispose();
        _connection = null;
    }

    public void Dispose()
    {
        Close();
        _thread.Dispose();
    }
}
