using LlmEval.Core.Rollups;
using LlmEval.Core.Traces;
using Npgsql;

namespace LlmEval.Core.Writing;

/// <summary>
/// A trace as the database type <c>trace_row</c>. A whole batch travels as one array of rows: an array for each column costs the
/// database a third more, because it unpacks each of them on its own.
/// </summary>
internal sealed class TraceRow
{
    public const string TypeName = "trace_row";

    /// <summary>The columns of the table that a trace fills, in the order of the type.</summary>
    public static readonly string[] Columns =
    [
        "project_id", "trace_id", "content_hash", "timestamp", "received_at", "model_name", "user_query", "ai_response", "system_prompt",
        "functions_called", "metadata", "tokens_used", "prompt_tokens", "completion_tokens", "response_time_ms", "cost", "error", "has_error",
        "session_id", "user_id", "environment", "parent_id", "tags", "source", "batch_id", "status", "version",
    ];

    public int ProjectId { get; init; }
    public string TraceId { get; init; } = "";
    public byte[] ContentHash { get; init; } = [];
    public DateTime Timestamp { get; init; }
    public DateTime ReceivedAt { get; init; }
    public string ModelName { get; init; } = "";
    public string UserQuery { get; init; } = "";
    public string AiResponse { get; init; } = "";
    public string? SystemPrompt { get; init; }
    public string? FunctionsCalled { get; init; }
    public string? Metadata { get; init; }
    public long? TokensUsed { get; init; }
    public long? PromptTokens { get; init; }
    public long? CompletionTokens { get; init; }
    public double? ResponseTimeMs { get; init; }
    public decimal? Cost { get; init; }
    public string? Error { get; init; }
    public bool HasError { get; init; }
    public string? SessionId { get; init; }
    public string? UserId { get; init; }
    public string? Environment { get; init; }
    public string? ParentId { get; init; }
    public string[]? Tags { get; init; }
    public string? Source { get; init; }
    public string? BatchId { get; init; }
    public short Status { get; init; }
    public int Version { get; init; }

    /// <summary>For <c>store_traces</c>: the place in the order of arrival, from 1.</summary>
    public int Arrival { get; init; }

    /// <summary>For <c>store_traces</c>: the payload of the event that announces the trace.</summary>
    public string? Payload { get; init; }

    public static TraceRow Of(Trace trace, int arrival = 0, string? payload = null) => new()
    {
        ProjectId = trace.ProjectId,
        TraceId = trace.TraceId,
        ContentHash = trace.ContentHash,
        Timestamp = trace.Timestamp,
        ReceivedAt = trace.ReceivedAt,
        ModelName = trace.ModelName,
        UserQuery = trace.UserQuery,
        AiResponse = trace.AiResponse,
        SystemPrompt = trace.SystemPrompt,
        FunctionsCalled = trace.FunctionsCalled,
        Metadata = trace.Metadata,
        TokensUsed = trace.TokensUsed,
        PromptTokens = trace.PromptTokens,
        CompletionTokens = trace.CompletionTokens,
        ResponseTimeMs = trace.ResponseTimeMs,
        Cost = trace.Cost,
        Error = trace.Error,
        HasError = trace.HasError,
        SessionId = trace.SessionId,
        UserId = trace.UserId,
        Environment = trace.Environment,
        ParentId = trace.ParentId,
        Tags = trace.Tags,
        Source = trace.Source,
        BatchId = trace.BatchId,
        Status = (short)trace.Status,
        Version = trace.Version,
        Arrival = arrival,
        Payload = payload,
    };
}

/// <summary>The database types of the rows that writers send.</summary>
internal static class PostgresRows
{
    public const string DeltaType = "rollup_delta";

    public const string DeltaColumns =
        "project_id, minute, model_name, pending, in_review, accepted, rejected, errors, tokens_used, prompt_tokens, completion_tokens, cost, "
        + "response_time_ms, response_times, histogram";

    /// <summary>A connection learns the types when the data source opens its first: only after the migrations.</summary>
    public static void Map(NpgsqlDataSourceBuilder builder)
    {
        builder.MapComposite<TraceRow>(TraceRow.TypeName);
        builder.MapComposite<RollupDelta>(DeltaType);
    }

    public static NpgsqlParameter<TraceRow[]> Parameter(TraceRow[] rows) => new() { TypedValue = rows, DataTypeName = TraceRow.TypeName + "[]" };

    public static NpgsqlParameter<RollupDelta[]> Parameter(RollupDelta[] rows) => new() { TypedValue = rows, DataTypeName = DeltaType + "[]" };
}
