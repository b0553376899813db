using System.Data;
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
            batch.BatchCommands.Add(PostgresCommands.InsertMessages(messages, time.UtcNow()));
        }

        if (history.Count > 0)
        {
            batch.BatchCommands.Add(PostgresCommands.InsertEvaluations(history));
        }

        batch.BatchCommands.Add(PostgresCommands.StoreTraces(lane.Rows, lane.Deltas, time.UtcNow()));
        return RunAsync(batch, blocks: true, CancellationToken.None).GetAwaiter().GetResult();
    }

    public Task<Dictionary<TraceKey, byte[]>> FindHashesAsync(IReadOnlyList<TraceKey> keys, CancellationToken cancel) => AskAsync(async connection =>
    {
        await using var command = new NpgsqlCommand(
            "SELECT t.project_id, t.trace_id, t.content_hash FROM unnest($1, $2) u(p, t) JOIN traces t ON t.project_id = u.p AND t.trace_id = u.t",
            connection)
        { CommandTimeout = PostgresPatience.CommandSeconds };
        command.Parameters.Add(PostgresCommands.ArrayOf(keys.Select(k => k.ProjectId), NpgsqlDbType.Integer));
        command.Parameters.Add(PostgresCommands.ArrayOf(keys.Select(k => k.TraceId), NpgsqlDbType.Text));
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
        command.Parameters.Add(PostgresCommands.ArrayOf(messages.Select(m => m.ProjectId), NpgsqlDbType.Integer));
        command.Parameters.Add(PostgresCommands.ArrayOf(messages.Select(m => m.Digest), NpgsqlDbType.Bytea));
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
        batch.BatchCommands.Add(PostgresCommands.InsertMessages(messages, time.UtcNow(), onlyNew: true));
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
        RowTypes types = _lane.Types ?? await PostgresRows.FindTypesAsync(connection, PostgresPatience.CommandSeconds, blocks: false, cancel);
        await using var batch = new NpgsqlBatch(connection) { Timeout = PostgresPatience.CommandSeconds };
        batch.BatchCommands.Add(PostgresCommands.ExpectVersion(before.Id, before.Version));
        if (change.After is { } after)
        {
            deltas.Add(after);
            var row = new PostgresRowWriter();
            row.BeginArray(types.Trace, 1);
            PostgresRows.Write(row, after);
            batch.BatchCommands.Add(PostgresCommands.UpdateTrace(after.Id, row));
        }
        else
        {
            batch.BatchCommands.Add(PostgresCommands.DeleteTrace(before.Id));
            batch.BatchCommands.Add(PostgresCommands.DeleteEvaluations(before.ProjectId, before.TraceId));
        }

        if (change.Verdict is { } verdict)
        {
            batch.BatchCommands.Add(PostgresCommands.InsertEvaluations([verdict]));
        }

        if (change.Audit is { } line)
        {
            batch.BatchCommands.Add(PostgresCommands.InsertAudit(line));
        }

        var changes = new PostgresRowWriter();
        WriteDeltas(changes, types.Delta, deltas);
        batch.BatchCommands.Add(PostgresCommands.InsertDeltas(changes));
        batch.BatchCommands.Add(PostgresCommands.AppendEvents([change.Event], time.UtcNow()));
        try
        {
            return await RunAsync(batch, blocks: false, cancel);
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

    /// <summary>Runs a batch as one transaction.</summary>
    /// <param name="blocks">The calling thread waits, and the task has ended when it is returned.</param>
    /// <returns>The last value of its last result: the id of the first event.</returns>
    private static async Task<long> RunAsync(NpgsqlBatch batch, bool blocks, CancellationToken cancel)
    {
        try
        {
            if (blocks)
            {
                batch.Prepare();
            }
            else
            {
                await batch.PrepareAsync(cancel);
            }

            await using NpgsqlDataReader reader = blocks ? batch.ExecuteReader() : await batch.ExecuteReaderAsync(cancel);
            object? last = null;
            do
            {
                while (blocks ? reader.Read() : await reader.ReadAsync(cancel))
                {
                    last = reader.GetValue(0);
                }
            }
            while (blocks ? reader.NextResult() : await reader.NextResultAsync(cancel));

            // Only now has the last command completed and with it the transaction: a result row alone is no commit.
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
}
