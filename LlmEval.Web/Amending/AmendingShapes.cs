using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmEval.Web.Amending;

/// <summary>Fields to change, for the API description. What is left out stays, null clears.</summary>
internal sealed record TracePatchShape(
    [property: JsonPropertyName("model_name")] string? ModelName = null,
    [property: JsonPropertyName("user_query")] string? UserQuery = null,
    [property: JsonPropertyName("ai_response")] string? AiResponse = null,
    [property: JsonPropertyName("system_prompt")] string? SystemPrompt = null,
    [property: JsonPropertyName("timestamp")] DateTimeOffset? Timestamp = null,
    [property: JsonPropertyName("functions_called")] IReadOnlyList<JsonElement>? FunctionsCalled = null,
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
    [property: JsonPropertyName("tags")] IReadOnlyList<string>? Tags = null,
    [property: JsonPropertyName("expected_version")] int? ExpectedVersion = null);

/// <summary>Where the trace stands now, for the API description.</summary>
internal sealed record AmendedShape(
    [property: JsonPropertyName("success")] bool Success,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("trace_id")] string TraceId,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("version")] int Version);
