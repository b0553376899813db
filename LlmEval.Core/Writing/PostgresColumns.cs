using LlmEval.Core.Rollups;
using LlmEval.Core.Traces;
using Npgsql;
using NpgsqlTypes;

namespace LlmEval.Core.Writing;

/// <summary>One column of a table as a parameter of its own: an array with a value per row.</summary>
internal sealed record PostgresColumn<T>(string Name, Func<IReadOnlyList<T>, NpgsqlParameter> ToArray, Func<T, NpgsqlParameter> ToValue, string Cast = "")
{
    public static PostgresColumn<T> Of<TValue>(string name, NpgsqlDbType type, Func<T, TValue> read, string cast = "") => new(
        name,
        rows =>
        {
            var values = new TValue[rows.Count];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = read(rows[i]);
            }

            return new NpgsqlParameter<TValue[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
        },
        row => new NpgsqlParameter { Value = (object?)read(row) ?? DBNull.Value, NpgsqlDbType = type },
        cast);
}

/// <summary>The columns that <c>store_traces</c> takes, in its order.</summary>
internal static class PostgresTraceColumns
{
    private static readonly PostgresColumn<PreparedTrace>[] All =
    [
        Of("project_id", NpgsqlDbType.Integer, t => t.ProjectId),
        Of("trace_id", NpgsqlDbType.Text, t => t.TraceId),
        Of("content_hash", NpgsqlDbType.Bytea, t => t.ContentHash),
        Of("timestamp", NpgsqlDbType.TimestampTz, t => t.Timestamp),
        Of("received_at", NpgsqlDbType.TimestampTz, t => t.ReceivedAt),
        Of("model_name", NpgsqlDbType.Text, t => t.ModelName),
        Of("user_query", NpgsqlDbType.Text, t => t.UserQuery),
        Of("ai_response", NpgsqlDbType.Text, t => t.AiResponse),
        Of("system_prompt", NpgsqlDbType.Text, t => t.SystemPrompt),
        Of("functions_called", NpgsqlDbType.Text, t => t.FunctionsCalled, "::json"),
        Of("metadata", NpgsqlDbType.Text, t => t.Metadata, "::json"),
        Of("tokens_used", NpgsqlDbType.Bigint, t => t.TokensUsed),
        Of("prompt_tokens", NpgsqlDbType.Bigint, t => t.PromptTokens),
        Of("completion_tokens", NpgsqlDbType.Bigint, t => t.CompletionTokens),
        Of("response_time_ms", NpgsqlDbType.Double, t => t.ResponseTimeMs),
        Of("cost", NpgsqlDbType.Numeric, t => t.Cost),
        Of("error", NpgsqlDbType.Text, t => t.Error, "::json"),
        Of("has_error", NpgsqlDbType.Boolean, t => t.HasError),
        Of("session_id", NpgsqlDbType.Text, t => t.SessionId),
        Of("user_id", NpgsqlDbType.Text, t => t.UserId),
        Of("environment", NpgsqlDbType.Text, t => t.Environment),
        Of("parent_id", NpgsqlDbType.Text, t => t.ParentId),
        Of("tags", NpgsqlDbType.Text, t => PostgresTraceStore.ArrayLiteral(t.Tags), "::text[]"),
        Of("source", NpgsqlDbType.Text, t => t.Source),
        Of("batch_id", NpgsqlDbType.Text, t => t.BatchId),
        Of("status", NpgsqlDbType.Smallint, t => (short)t.Status),
        Of("version", NpgsqlDbType.Integer, t => t.Version),
        PostgresColumn<PreparedTrace>.Of("payload", NpgsqlDbType.Text, t => t.Event.Payload),
    ];

    private static readonly string UpdateText =
        "UPDATE traces SET " + string.Join(", ", All.SkipLast(1).Select((c, i) => $"{c.Name} = ${i + 2}{c.Cast}")) + " WHERE id = $1";

    public static int Count => All.Length;

    public static void AddTo(NpgsqlParameterCollection parameters, IReadOnlyList<PreparedTrace> traces)
    {
        foreach (PostgresColumn<PreparedTrace> column in All)
        {
            parameters.Add(column.ToArray(traces));
        }
    }

    /// <summary>Sets all columns of one trace.</summary>
    public static NpgsqlBatchCommand Update(Trace trace)
    {
        var command = new NpgsqlBatchCommand(UpdateText);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = trace.Id });
        var row = new PreparedTrace(trace, Event: null!, History: []);
        foreach (PostgresColumn<PreparedTrace> column in All.SkipLast(1))
        {
            command.Parameters.Add(column.ToValue(row));
        }

        return command;
    }

    private static PostgresColumn<PreparedTrace> Of<TValue>(string name, NpgsqlDbType type, Func<Trace, TValue> read, string cast = "") =>
        PostgresColumn<PreparedTrace>.Of(name, type, row => read(row.Trace), cast);
}

/// <summary>The columns of <c>rollup_deltas</c>, in the order of <see cref="Names"/>.</summary>
internal static class PostgresDeltaColumns
{
    private static readonly PostgresColumn<RollupDelta>[] All =
    [
        Of("project_id", NpgsqlDbType.Integer, d => d.ProjectId),
        Of("minute", NpgsqlDbType.TimestampTz, d => d.Minute),
        Of("model_name", NpgsqlDbType.Text, d => d.ModelName),
        Of("pending", NpgsqlDbType.Bigint, d => d.Pending),
        Of("in_review", NpgsqlDbType.Bigint, d => d.InReview),
        Of("accepted", NpgsqlDbType.Bigint, d => d.Accepted),
        Of("rejected", NpgsqlDbType.Bigint, d => d.Rejected),
        Of("errors", NpgsqlDbType.Bigint, d => d.Errors),
        Of("tokens_used", NpgsqlDbType.Bigint, d => d.TokensUsed),
        Of("prompt_tokens", NpgsqlDbType.Bigint, d => d.PromptTokens),
        Of("completion_tokens", NpgsqlDbType.Bigint, d => d.CompletionTokens),
        Of("cost", NpgsqlDbType.Numeric, d => d.Cost),
        Of("response_time_ms", NpgsqlDbType.Numeric, d => d.ResponseTimeMs),
        Of("response_times", NpgsqlDbType.Bigint, d => d.ResponseTimes),
        Of("histogram", NpgsqlDbType.Bytea, d => d.Histogram),
    ];

    public static int Count => All.Length;

    public static string Names { get; } = string.Join(", ", All.Select(c => c.Name));

    public static void AddTo(NpgsqlParameterCollection parameters, IReadOnlyList<RollupDelta> deltas)
    {
        foreach (PostgresColumn<RollupDelta> column in All)
        {
            parameters.Add(column.ToArray(deltas));
        }
    }

    private static PostgresColumn<RollupDelta> Of<TValue>(string name, NpgsqlDbType type, Func<RollupDelta, TValue> read) =>
        PostgresColumn<RollupDelta>.Of(name, type, read);
}
