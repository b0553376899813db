using LlmEval.Core.Rollups;
using LlmEval.Core.Traces;
using Npgsql;

namespace LlmEval.Core.Writing;

/// <summary>The oids of the types of rows in one database.</summary>
internal sealed record RowTypes(uint Trace, uint Delta);

/// <summary>
/// The rows that writers send, as the database types <c>trace_row</c> and <c>rollup_delta</c>. A whole batch travels as one array of
/// rows: an array for each column costs the database a third more, because it unpacks each of them on its own.
/// </summary>
internal static class PostgresRows
{
    private const string TraceType = "trace_row";
    private const string DeltaType = "rollup_delta";

    /// <summary>For <c>store_traces</c>, after the columns: the place in the order of arrival, and the payload of the event.</summary>
    private const int MoreFields = 2;

    /// <summary>A connection learns the types when the data source opens its first: only after the migrations.</summary>
    public static void Map(NpgsqlDataSourceBuilder builder)
    {
#pragma warning disable NPG9001 // See PostgresPackedRows.
        builder.AddTypeInfoResolverFactory(new PostgresPackedRows());
#pragma warning restore NPG9001
    }

    /// <summary>The oids of the two types in this database.</summary>
    /// <param name="blocks">The calling thread waits, and the task has ended when it is returned.</param>
    public static async Task<RowTypes> FindTypesAsync(NpgsqlConnection connection, int timeoutSeconds, bool blocks, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand($"SELECT '{TraceType}'::regtype::oid, '{DeltaType}'::regtype::oid", connection) { CommandTimeout = timeoutSeconds };
        await using NpgsqlDataReader reader = blocks ? command.ExecuteReader() : await command.ExecuteReaderAsync(cancel);
        _ = blocks ? reader.Read() : await reader.ReadAsync(cancel);
        return new RowTypes(reader.GetFieldValue<uint>(0), reader.GetFieldValue<uint>(1));
    }

    public static NpgsqlParameter<PackedRows> TracesParameter(PostgresRowWriter writer) => Parameter(writer, TraceType);

    public static NpgsqlParameter<PackedRows> DeltasParameter(PostgresRowWriter writer) => Parameter(writer, DeltaType);

    public static void Write(PostgresRowWriter writer, Trace trace, int arrival = 0, byte[]? payload = null)
    {
        writer.BeginRow(StoredColumns.Trace.Length + MoreFields);
        writer.Add(trace.ProjectId);
        writer.Add(trace.TraceId);
        writer.Add(trace.ContentHash);
        writer.Add(trace.Timestamp);
        writer.Add(trace.ReceivedAt);
        writer.Add(trace.ModelName);
        writer.Add(trace.UserQuery);
        writer.Add(trace.AiResponse);
        writer.Add(trace.SystemPrompt);
        writer.AddJson(trace.FunctionsCalled);
        writer.AddJson(trace.Metadata);
        writer.Add(trace.TokensUsed);
        writer.Add(trace.PromptTokens);
        writer.Add(trace.CompletionTokens);
        writer.Add(trace.ResponseTimeMs);
        writer.Add(trace.Cost);
        writer.AddJson(trace.Error);
        writer.Add(trace.HasError);
        writer.Add(trace.SessionId);
        writer.Add(trace.UserId);
        writer.Add(trace.Environment);
        writer.Add(trace.ParentId);
        writer.Add(trace.Tags);
        writer.Add(trace.Source);
        writer.Add(trace.BatchId);
        writer.Add((short)trace.Status);
        writer.Add(trace.Version);
        writer.Add(arrival);
        writer.AddText(payload);
        writer.EndRow();
    }

    public static void Write(PostgresRowWriter writer, RollupDelta delta)
    {
        writer.BeginRow(StoredColumns.Delta.Length);
        writer.Add(delta.ProjectId);
        writer.Add(delta.Minute);
        writer.Add(delta.ModelName);
        writer.Add((long?)delta.Pending);
        writer.Add((long?)delta.InReview);
        writer.Add((long?)delta.Accepted);
        writer.Add((long?)delta.Rejected);
        writer.Add((long?)delta.Errors);
        writer.Add((long?)delta.TokensUsed);
        writer.Add((long?)delta.PromptTokens);
        writer.Add((long?)delta.CompletionTokens);
        writer.Add((decimal?)delta.Cost);
        writer.Add((decimal?)delta.ResponseTimeMs);
        writer.Add((long?)delta.ResponseTimes);
        writer.Add(delta.Histogram);
        writer.EndRow();
    }

    private static NpgsqlParameter<PackedRows> Parameter(PostgresRowWriter writer, string type) =>
        new() { TypedValue = new PackedRows(writer.Written), DataTypeName = type + "[]" };
}
