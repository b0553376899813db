namespace LlmEval.Core.Writing;

/// <summary>
/// The columns that the stores of both databases fill, in the order of their values and of the database types <c>trace_row</c> and
/// <c>rollup_delta</c>.
/// </summary>
internal static class StoredColumns
{
    public static readonly string[] Trace =
    [
        "project_id", "trace_id", "content_hash", "timestamp", "received_at", "model_name", "user_query", "ai_response", "system_prompt",
        "functions_called", "metadata", "tokens_used", "prompt_tokens", "completion_tokens", "response_time_ms", "cost", "error", "has_error",
        "session_id", "user_id", "environment", "parent_id", "tags", "source", "batch_id", "status", "version",
    ];

    public static readonly string[] Delta =
    [
        "project_id", "minute", "model_name", "pending", "in_review", "accepted", "rejected", "errors", "tokens_used", "prompt_tokens",
        "completion_tokens", "cost", "response_time_ms", "response_times", "histogram",
    ];
}
