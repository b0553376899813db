using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmEval.Web.Ingestion;

/// <summary>A trace as it is sent, for the API description.</summary>
internal sealed record TraceShape(
    [property: JsonPropertyName("trace_id")] string TraceId,
    [property: JsonPropertyName("model_name")] string ModelName,
    [property: JsonPropertyName("user_query")] string UserQuery,
    [property: JsonPropertyName("ai_response")] string AiResponse,
    [property: JsonPropertyName("system_prompt")] string? SystemPrompt = null,
    [property: JsonPropertyName("timestamp")] DateTimeOffset? Timestamp = null,
    [property: JsonPropertyName("functions_called")] IReadOnlyList<FunctionShape>? FunctionsCalled = null,
    [property: JsonPropertyName("metadata")] IReadOnlyDictionary<string, JsonElement>? Metadata = null,
    [property: JsonPropertyName("tokens_used")] long? TokensUsed = null,
    [property: JsonPropertyName("prompt_tokens")] long? PromptTokens = null,
    [property: JsonPropertyName("completion_tokens")] long? CompletionTokens = null,
    [property: JsonPropertyName("response_time_ms")] double? ResponseTimeMs = null,
    [property: JsonPropertyName("cost")] decimal? Cost = null,
    [property: JsonPropertyName("error")] JsonElement? Error = null,
    [property: JsonPropertyName("session_id")] string? SessionId = null,
    [property: JsonPropertyName("user_id")] string? UserId = null,
    [property: JsonPropertyName("environment")] string? Environment = null,
    [property: JsonPropertyName("parent_id")] string? ParentId = null,
    [property: JsonPropertyName("tags")] IReadOnlyList<string>? Tags = null);

/// <summary>A call that the model made, for the API description.</summary>
internal sealed record FunctionShape(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("parameters")] JsonElement? Parameters = null,
    [property: JsonPropertyName("result")] JsonElement? Result = null,
    [property: JsonPropertyName("error")] JsonElement? Error = null,
    [property: JsonPropertyName("duration_ms")] double? DurationMs = null);

/// <summary>A batch as it is sent, for the API description.</summary>
internal sealed record BatchShape(
    [property: JsonPropertyName("traces")] IReadOnlyList<TraceShape> Traces,
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("batch_id")] string? BatchId = null);

/// <summary>The answer to a trace, for the API description.</summary>
internal sealed record TraceAnswerShape(
    [property: JsonPropertyName("success")] bool Success,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("trace_ids")] IReadOnlyList<string> TraceIds);

/// <summary>The answer to a batch, for the API description.</summary>
internal sealed record BatchAnswerShape(
    [property: JsonPropertyName("success")] bool Success,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("processed_count")] int ProcessedCount,
    [property: JsonPropertyName("errors")] IReadOnlyList<string>? Errors,
    [property: JsonPropertyName("trace_ids")] IReadOnlyList<string> TraceIds);

/// <summary>The answer to an import, for the API description.</summary>
internal sealed record ImportAnswerShape(
    [property: JsonPropertyName("imported")] long Imported,
    [property: JsonPropertyName("already_there")] long AlreadyThere,
    [property: JsonPropertyName("failed")] long Failed,
    [property: JsonPropertyName("errors")] IReadOnlyList<ImportErrorShape> Errors);

/// <summary>One trace that an import could not take, for the API description.</summary>
internal sealed record ImportErrorShape(
    [property: JsonPropertyName("line")] long Line,
    [property: JsonPropertyName("trace_id")] string? TraceId,
    [property: JsonPropertyName("message")] string Message);
