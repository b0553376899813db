using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using LlmEval.Core.Storage.Sqlite;
using LlmEval.Core.Traces;
using Microsoft.Data.Sqlite;

namespace LlmEval.Core.Writing;

/// <summary>Writes by prepared statements on one connection of its own, which is kept open.</summary>
internal sealed class SqliteTraceStore(SqliteFile file, SqliteCheckpoints checkpoints, StorageReadiness readiness, TimeProvider time) : ITraceStore, IDisposable
{
    private const int Constraint = 19;
    private const int TooBig = 18;
    private const int Mismatch = 20;

    // For batches: whoever sends them has the answers to the last one to give meanwhile.
    private readonly OwnThread _thread = new("Batches");

    // Used only by whoever holds the turn.
    private SqliteConnection? _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = [];

    public async Task<long> InsertAsync(IReadOnlyList<PreparedTrace> traces, IReadOnlyList<AnsweredMessage> messages, CancellationToken cancel)
    {
        using IDisposable turn = await file.TakeTurnAsync(cancel);
        long first = await _thread.RunAsync(() => Transact(() =>
        {
            foreach (AnsweredMessage message in messages)
            {
                Run(SqliteStatements.InsertMessage, SqliteStatements.Values(message, time.UtcNow()));
            }

            var deltas = new RollupDeltas();
            foreach (PreparedTrace trace in traces)
            {
                Run(SqliteStatements.InsertTrace, SqliteStatements.Values(trace.Trace));
                foreach (Evaluation entry in trace.History)
                {
                    Run(SqliteStatements.InsertEvaluation, SqliteStatements.Values(entry));
                }

                deltas.Add(trace.Trace);
            }

            InsertDeltas(deltas);
            return AppendEvents([.. traces.Select(t => t.Event)]);
        }));
        checkpoints.Wrote(traces.Count);
        return first;
    }

    public async Task<Dictionary<TraceKey, byte[]>> FindHashesAsync(IReadOnlyList<TraceKey> keys, CancellationToken cancel)
    {
        using IDisposable turn = await file.TakeTurnAsync(cancel);
        var found = new Dictionary<TraceKey, byte[]>();
        foreach (TraceKey key in keys)
        {
            if (Run("SELECT content_hash FROM traces WHERE project_id = $0 AND trace_id = $1", key.ProjectId, key.TraceId) is byte[] hash)
            {
                found[key] = hash;
            }
        }

        return found;
    }

    public async Task<byte[]?[]> FindMessagesAsync(IReadOnlyList<SignedMessage> messages, CancellationToken cancel)
    {
        using IDisposable turn = await file.TakeTurnAsync(cancel);
        return [.. messages.Select(m => (byte[]?)Run("SELECT outcomes FROM webhook_messages WHERE project_id = $0 AND digest = $1", m.ProjectId, m.Digest))];
    }

    public async Task InsertMessagesAsync(IReadOnlyList<AnsweredMessage> messages, CancellationToken cancel)
    {
        using IDisposable turn = await file.TakeTurnAsync(cancel);
        Transact(() =>
        {
            foreach (AnsweredMessage message in messages)
            {
                Run(SqliteStatements.InsertMessage + " ON CONFLICT DO NOTHING", SqliteStatements.Values(message, time.UtcNow()));
            }

            return messages.Count;
        });
    }

    public async Task<long?> ApplyAsync(TraceChange change, CancellationToken cancel)
    {
        using IDisposable turn = await file.TakeTurnAsync(cancel);
        Trace before = change.Before;
        object? version = Run("SELECT version FROM traces WHERE id = $0", before.Id);
        if (version is not long current || current != before.Version)
        {
            return null;
        }

        return Transact(() =>
        {
            var deltas = new RollupDeltas();
            deltas.Subtract(before);
            if (change.After is { } after)
            {
                deltas.Add(after);
                Run(SqliteStatements.UpdateTrace, [.. SqliteStatements.Values(after), before.Id]);
            }
            else
            {
                Run("DELETE FROM traces WHERE id = $0", before.Id);
                Run("DELETE FROM evaluations WHERE project_id = $0 AND trace_id = $1", before.ProjectId, before.TraceId);
            }

            if (change.Verdict is { } verdict)
            {
                Run(SqliteStatements.InsertEvaluation, SqliteStatements.Values(verdict));
            }

            if (change.Audit is { } line)
            {
                Run(SqliteStatements.InsertAudit, SqliteStatements.Values(line));
            }

            InsertDeltas(deltas);
            return AppendEvents([change.Event]);
        });
    }

    private long Transact(Func<long> write)
    {
        Run("BEGIN IMMEDIATE");
        try
        {
            long result = write();
            Run("COMMIT");
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
            Run("ROLLBACK");
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
            Run(SqliteStatements.InsertDelta, SqliteStatements.Values(delta));
        }
    }

    private long AppendEvents(IReadOnlyList<PendingEvent> events)
    {
        long last = (long)Run("UPDATE event_head SET last_id = last_id + $0 WHERE id = 1 RETURNING last_id", events.Count)!;
        long id = last - events.Count;
        long now = time.UtcNow().ToUnixMicroseconds();
        foreach (PendingEvent e in events)
        {
            Run(SqliteStatements.InsertEvent, SqliteStatements.Values(++id, now, e));
        }

        return last - events.Count + 1;
    }

    private object? Run(string sql, params ReadOnlySpan<object?> values)
    {
        SqliteConnection connection = Connection();
        if (!_statements.TryGetValue(sql, out SqliteStatement? statement))
        {
            statement = new SqliteStatement(connection, sql);
            _statements.Add(sql, statement);
        }

        return statement.Run(values);
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
        foreach (SqliteStatement statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _connection?.Dispose();
        _connection = null;
    }

    public void Dispose()
    {
        Close();
        _thread.Dispose();
    }
}
