using System.Data;
using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using LlmEval.Core.Storage.Postgres;
using LlmEval.Core.Traces;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace LlmEval.Core.Writing;

/// <summary>
/// Writes by functions that a migration made: one call stores a whole batch. Measured against COPY, multi-row VALUES, a batch of
/// statements and EF, a prepared call over arrays is the fastest.
/// </summary>
/// <remarks>
/// It has connections of its own, and one for the batches alone: the server process behind a connection keeps what it touches at
/// hand, and a pool that hands out another each time cost the database a quarter more a trace.
/// </remarks>
internal sealed class PostgresTraceStore(IOptions<StorageOptions> options, TimeProvider time) : ITraceStore, IAsyncDisposable
{
    /// <summary>What <c>expect_version</c> raises when the trace is not as it was read.</summary>
    private const string Moved = "LE409";

    private const string StoreTraces = "SELECT store_traces($1, $2, $3)";

    private const string AppendEvents = "SELECT append_events($1, $2, $3, $4, $5, $6, $7, $8)";

    private static readonly string InsertDeltas = $"INSERT INTO rollup_deltas ({string.Join(", ", StoredColumns.Delta)}) SELECT * FROM unnest($1)";

    private static readonly string UpdateTrace =
        $"UPDATE traces SET ({string.Join(", ", StoredColumns.Trace)}) = (SELECT {string.Join(", ", StoredColumns.Trace)} FROM unnest($2)) WHERE id = $1";

    // In one order, as traces: two replicas that are sent the same messages wait for each other.
    private const string InsertMessages =
        "INSERT INTO webhook_messages (project_id, digest, outcomes, received_at) SELECT p, d, o, $4 FROM unnest($1, $2, $3) u(p, d, o) ORDER BY p, d";

    private const string InsertEvaluations =
        """
        INSERT INTO evaluations (project_id, trace_id, status, previous_status, version, created_at, evaluator, reason, notes, tags, corrected_response, undoes)
        SELECT p, t, s, ps, v, at, who, why, notes, tags::text[], corrected, undoes
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) u(p, t, s, ps, v, at, who, why, notes, tags, corrected, undoes)
        """;

    private const string InsertAudit =
        "INSERT INTO audit_entries (at, project_id, actor, user_id, key_id, address, request_id, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    private readonly NpgsqlDataSource _source = PostgresDataSource.Create(options.Value, options.Value.WriteConnections, Configure);

    // Of the one writer of batches; whoever comes at the same time waits.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private PostgresBatchLane _lane = new();

    public async Task<long> InsertAsync(IReadOnlyList<PreparedTrace> traces, IReadOnlyList<AnsweredMessage> messages, CancellationToken cancel)
    {
        var deltas = new RollupDeltas();
        var history = new List<Evaluation>();
        foreach (PreparedTrace trace in traces)
        {
            deltas.Add(trace.Trace);
            history.AddRange(trace.History);
        }

        // Two writers that meet on the same ids wait for each other in one order: sorted. The order of arrival travels beside.
        int[] order = [.. Enumerable.Range(0, traces.Count)];
        Array.Sort(order, (a, b) => Compare(traces[a].Key, traces[b].Key));
        await _turn.WaitAsync(cancel);
        try
        {
            PostgresBatchLane lane = _lane;

            // A list of its own: the caller's holds others once it gave up.
            PreparedTrace[] batched = [.. traces];
            Task<long> storing = lane.Thread.RunAsync(() => Store(lane, batched, order, messages, history, deltas));
            try
            {
                // Not cancelled: until it has ended, or is left behind, nobody else may use the lane.
                return await storing.WaitPatientlyAsync();
            }
            catch (TimeoutException) when (!storing.IsCompleted)
            {
                // It still has its connection and what it sends. What becomes of it is found out when the same is sent again.
                _lane = new PostgresBatchLane();
                _ = lane.EndAfterAsync(storing);
                throw;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private long Store(
        PostgresBatchLane lane,
        PreparedTrace[] batched,
        int[] order,
        IReadOnlyList<AnsweredMessage> messages,
        List<Evaluation> history,
        RollupDeltas deltas)
    {
        (NpgsqlConnection connection, RowTypes types) = lane.Open(_source, PostgresPatience.CommandSeconds);
        lane.Rows.BeginArray(types.Trace, order.Length);
        foreach (int i in order)
        {
            PostgresRows.Write(lane.Rows, batched[i].Trace, i + 1, batched[i].Event.Payload);
        }

        WriteDeltas(lane.Deltas, types.Delta, deltas);
        using var batch = new NpgsqlBatch(connection) { Timeout = PostgresPatience.CommandSeconds };
        if (messages.Count > 0)
        {
            batch.BatchCommands.Add(MessagesCommand(InsertMessages, messages));
        }

        if (history.Count > 0)
        {
            batch.BatchCommands.Add(EvaluationsCommand(history));
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(StoreTraces)
        {
            Parameters =
            {
                PostgresRows.TracesParameter(lane.Rows),
                new NpgsqlParameter<DateTime> { TypedValue = time.UtcNow() },
                PostgresRows.DeltasParameter(lane.Deltas),
            },
        });
        return Run(batch);
    }

    public Task<Dictionary<TraceKey, byte[]>> FindHashesAsync(IReadOnlyList<TraceKey> keys, CancellationToken cancel) => AskAsync(async connection =>
    {
        await using var command = new NpgsqlCommand(
            "SELECT t.project_id, t.trace_id, t.content_hash FROM unnest($1, $2) u(p, t) JOIN traces t ON t.project_id = u.p AND t.trace_id = u.t",
            connection)
        { CommandTimeout = PostgresPatience.CommandSeconds };
        command.Parameters.Add(ArrayOf(keys.Select(k => k.ProjectId), NpgsqlDbType.Integer));
        command.Parameters.Add(ArrayOf(keys.Select(k => k.TraceId), NpgsqlDbType.Text));
        var found = new Dictionary<TraceKey, byte[]>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new TraceKey(reader.GetInt32(0), reader.GetString(1)), reader.GetFieldValue<byte[]>(2));
        }

        return found;
    }, cancel);

    public Task<byte[]?[]> FindMessagesAsync(IReadOnlyList<SignedMessage> messages, CancellationToken cancel) => AskAsync(async connection =>
    {
        await using var command = new NpgsqlCommand(
            "SELECT u.n, m.outcomes FROM unnest($1, $2) WITH ORDINALITY u(p, d, n) JOIN webhook_messages m ON m.project_id = u.p AND m.digest = u.d",
            connection)
        { CommandTimeout = PostgresPatience.CommandSeconds };
        command.Parameters.Add(ArrayOf(messages.Select(m => m.ProjectId), NpgsqlDbType.Integer));
        command.Parameters.Add(ArrayOf(messages.Select(m => m.Digest), NpgsqlDbType.Bytea));
        byte[]?[] found = new byte[]?[messages.Count];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            found[reader.GetInt64(0) - 1] = reader.GetFieldValue<byte[]>(1);
        }

        return found;
    }, cancel);

    public Task InsertMessagesAsync(IReadOnlyList<AnsweredMessage> messages, CancellationToken cancel) => AskAsync(async connection =>
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = PostgresPatience.CommandSeconds };
        batch.BatchCommands.Add(MessagesCommand(InsertMessages + " ON CONFLICT DO NOTHING", messages));
        return await batch.ExecuteNonQueryAsync(cancel);
    }, cancel);

    public async Task<long?> ApplyAsync(TraceChange change, CancellationToken cancel)
    {
        try
        {
            return await AskAsync(connection => ApplyAsync(connection, change, cancel), cancel);
        }
        catch (Exception e) when (Outage.Is(e) && e is not PostgresException)
        {
            // Nobody answered. A database that says no has done nothing.
            throw new OutcomeUnknownException(e);
        }
    }

    private async Task<long?> ApplyAsync(NpgsqlConnection connection, TraceChange change, CancellationToken cancel)
    {
        Trace before = change.Before;
        var deltas = new RollupDeltas();
        deltas.Subtract(before);
        RowTypes types = _lane.Types ?? await PostgresRows.FindTypesAsync(connection, PostgresPatience.CommandSeconds, cancel);
        await using var batch = new NpgsqlBatch(connection) { Timeout = PostgresPatience.CommandSeconds };
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT expect_version($1, $2)")
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = before.Id }, new NpgsqlParameter<int> { TypedValue = before.Version } },
        });
        if (change.After is { } after)
        {
            deltas.Add(after);
            var row = new PostgresRowWriter();
            row.BeginArray(types.Trace, 1);
            PostgresRows.Write(row, after);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(UpdateTrace)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = after.Id }, PostgresRows.TracesParameter(row) },
            });
        }
        else
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("DELETE FROM traces WHERE id = $1")
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = before.Id } },
            });
            batch.BatchCommands.Add(new NpgsqlBatchCommand("DELETE FROM evaluations WHERE project_id = $1 AND trace_id = $2")
            {
                Parameters = { new NpgsqlParameter<int> { TypedValue = before.ProjectId }, new NpgsqlParameter<string> { TypedValue = before.TraceId } },
            });
        }

        if (change.Verdict is { } verdict)
        {
            batch.BatchCommands.Add(EvaluationsCommand([verdict]));
        }

        if (change.Audit is { } line)
        {
            batch.BatchCommands.Add(AuditCommand(line));
        }

        var changes = new PostgresRowWriter();
        WriteDeltas(changes, types.Delta, deltas);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(InsertDeltas) { Parameters = { PostgresRows.DeltasParameter(changes) } });
        batch.BatchCommands.Add(EventsCommand([change.Event]));
        try
        {
            return await RunAsync(batch, cancel);
        }
        catch (PostgresException e) when (e.SqlState == Moved)
        {
            return null;
        }
    }

    /// <summary>On a connection that goes back to its pool when the question ends, not when the caller stops waiting.</summary>
    private Task<T> AskAsync<T>(Func<NpgsqlConnection, Task<T>> question, CancellationToken cancel)
    {
        return AskAndCloseAsync().WaitPatientlyAsync();

        async Task<T> AskAndCloseAsync()
        {
            await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancel);
            return await question(connection);
        }
    }

    private static void Configure(NpgsqlDataSourceBuilder builder)
    {
        // A batch of single traces is sent at once: by the driver's 8 KiB the database was woken for each piece of it.
        builder.ConnectionStringBuilder.WriteBufferSize = 64 * 1024;

        // No statement here has a choice that its parameters could sway, and planning them anew took 17 µs a batch.
        builder.ConnectionStringBuilder.Options += " -c plan_cache_mode=force_generic_plan";
        PostgresRows.Map(builder);
    }

    private static void WriteDeltas(PostgresRowWriter writer, uint type, RollupDeltas deltas)
    {
        RollupDelta[] rows = deltas.ToRows();
        writer.BeginArray(type, rows.Length);
        foreach (RollupDelta row in rows)
        {
            PostgresRows.Write(writer, row);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _lane.Dispose();
        await _source.DisposeAsync();
        _turn.Dispose();
    }

    private NpgsqlBatchCommand EventsCommand(IReadOnlyList<PendingEvent> events) => new(AppendEvents)
    {
        Parameters =
        {
            ArrayOf(events.Select(e => e.ProjectId), NpgsqlDbType.Integer),
            ArrayOf(events.Select(e => (short)e.Action), NpgsqlDbType.Smallint),
            ArrayOf(events.Select(e => e.TraceId), NpgsqlDbType.Text),
            ArrayOf(events.Select(e => e.ModelName), NpgsqlDbType.Text),
            ArrayOf(events.Select(e => (short)e.Status), NpgsqlDbType.Smallint),
            ArrayOf(events.Select(e => (short?)e.PreviousStatus), NpgsqlDbType.Smallint),
            ArrayOf(events.Select(e => e.Text), NpgsqlDbType.Text),
            new NpgsqlParameter<DateTime> { TypedValue = time.UtcNow() },
        },
    };

    private NpgsqlBatchCommand MessagesCommand(string sql, IReadOnlyList<AnsweredMessage> messages) => new(sql)
    {
        Parameters =
        {
            ArrayOf(messages.Select(m => m.Message.ProjectId), NpgsqlDbType.Integer),
            ArrayOf(messages.Select(m => m.Message.Digest), NpgsqlDbType.Bytea),
            ArrayOf(messages.Select(m => m.Outcomes), NpgsqlDbType.Bytea),
            new NpgsqlParameter<DateTime> { TypedValue = time.UtcNow() },
        },
    };

    private static NpgsqlBatchCommand AuditCommand(AuditEntry line) => new(InsertAudit)
    {
        Parameters =
        {
            new NpgsqlParameter { Value = line.At, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            Of(line.ProjectId, NpgsqlDbType.Integer),
            Of(line.Actor, NpgsqlDbType.Text),
            Of(line.UserId, NpgsqlDbType.Integer),
            Of(line.KeyId, NpgsqlDbType.Integer),
            Of(line.Address, NpgsqlDbType.Text),
            Of(line.RequestId, NpgsqlDbType.Text),
            Of(line.Action, NpgsqlDbType.Text),
            Of(line.Subject, NpgsqlDbType.Text),
            Of(line.Detail, NpgsqlDbType.Json),
        },
    };

    private static NpgsqlParameter Of(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    private static NpgsqlBatchCommand EvaluationsCommand(IReadOnlyList<Evaluation> entries) => new(InsertEvaluations)
    {
        Parameters =
        {
            ArrayOf(entries.Select(e => e.ProjectId), NpgsqlDbType.Integer),
            ArrayOf(entries.Select(e => e.TraceId), NpgsqlDbType.Text),
            ArrayOf(entries.Select(e => (short)e.Status), NpgsqlDbType.Smallint),
            ArrayOf(entries.Select(e => (short)e.PreviousStatus), NpgsqlDbType.Smallint),
            ArrayOf(entries.Select(e => e.Version), NpgsqlDbType.Integer),
            ArrayOf(entries.Select(e => e.CreatedAt), NpgsqlDbType.TimestampTz),
            ArrayOf(entries.Select(e => e.Evaluator), NpgsqlDbType.Text),
            ArrayOf(entries.Select(e => e.Reason), NpgsqlDbType.Text),
            ArrayOf(entries.Select(e => e.Notes), NpgsqlDbType.Text),
            ArrayOf(entries.Select(e => ArrayLiteral(e.Tags)), NpgsqlDbType.Text),
            ArrayOf(entries.Select(e => e.CorrectedResponse), NpgsqlDbType.Text),
            ArrayOf(entries.Select(e => e.Undoes), NpgsqlDbType.Integer),
        },
    };

    /// <summary>Runs a batch as one transaction.</summary>
    /// <returns>The last value of its last result: the id of the first event.</returns>
    private static async Task<long> RunAsync(NpgsqlBatch batch, CancellationToken cancel)
    {
        try
        {
            await batch.PrepareAsync(cancel);
            await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
            object? last = null;
            do
            {
                while (await reader.ReadAsync(cancel))
                {
                    last = reader.GetValue(0);
                }
            }
            while (await reader.NextResultAsync(cancel));

            // Only now has the last command completed and with it the transaction: a result row alone is no commit.
            return (long)last!;
        }
        catch (PostgresException e) when (RefusalOf(e) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>As <see cref="RunAsync"/>, on a thread that waits.</summary>
    private static long Run(NpgsqlBatch batch)
    {
        try
        {
            batch.Prepare();
            using NpgsqlDataReader reader = batch.ExecuteReader();
            object? last = null;
            do
            {
                while (reader.Read())
                {
                    last = reader.GetValue(0);
                }
            }
            while (reader.NextResult());
            return (long)last!;
        }
        catch (PostgresException e) when (RefusalOf(e) is { } refusal)
        {
            throw refusal;
        }
    }

    private static Exception? RefusalOf(PostgresException e) => e.SqlState switch
    {
        PostgresErrorCodes.UniqueViolation => new TraceExistsException(),
        ['2', '2' or '3', ..] or ['5', '4', ..] => new UnstorableException($"the database cannot hold it: {e.MessageText}", e),
        _ => null,
    };

    private static int Compare(TraceKey a, TraceKey b) =>
        a.ProjectId != b.ProjectId ? a.ProjectId.CompareTo(b.ProjectId) : string.CompareOrdinal(a.TraceId, b.TraceId);

    internal static NpgsqlParameter<T[]> ArrayOf<T>(IEnumerable<T> values, NpgsqlDbType type) =>
        new() { TypedValue = values as T[] ?? [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };

    /// <summary>A text array as PostgreSQL writes it: unnest would flatten an array of arrays.</summary>
    internal static string? ArrayLiteral(string[]? values)
    {
        if (values is null)
        {
            return null;
        }

        var text = new StringBuilder("{");
        foreach (string value in values)
        {
            text.Append(text.Length > 1 ? "," : "").Append('"').Append(value.Replace("\\", "\\\\").Replace("\"", "\\\"")).Append('"');
        }

        return text.Append('}').ToString();
    }
}
