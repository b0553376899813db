using System.Text.Json.Serialization;
using LlmEval.Web.Ingestion;

namespace LlmEval.Web.Traces;

/// <summary>A page of traces, for the API description.</summary>
internal sealed record TraceListShape(
    [property: JsonPropertyName("items")] IReadOnlyList<TraceDetailShape> Items,
    [property: JsonPropertyName("next_cursor")] string? NextCursor);

/// <summary>The form that names what is exported, for the API description.</summary>
internal sealed record ExportFormShape(
    [property: JsonPropertyName("format")] string Format,
    [property: JsonPropertyName("trace_id")] IReadOnlyList<string> TraceId);

/// <summary>A stored trace, for the API description: the fields of <see cref="TraceShape"/> and these.</summary>
internal sealed record TraceDetailShape(
    [property: JsonPropertyName("trace_id")] string TraceId,
    [property: JsonPropertyName("timestamp")] DateTime Timestamp,
    [property: JsonPropertyName("model_name")] string ModelName,
    [property: JsonPropertyName("user_query")] string UserQuery,
    [property: JsonPropertyName("ai_response")] string AiResponse,
    [property: JsonPropertyName("evaluation_status")] string EvaluationStatus,
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("received_at")] DateTime ReceivedAt,
    [property: JsonPropertyName("has_error")] bool HasError,
    [property: JsonPropertyName("source")] string? Source = null,
    [property: JsonPropertyName("batch_id")] string? BatchId = null,
    [property: JsonPropertyName("evaluations")] IReadOnlyList<StoredEvaluationShape>? Evaluations = null);

/// <summary>An entry of the history, for the API description.</summary>
internal sealed record StoredEvaluationShape(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("previous_status")] string PreviousStatus,
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("created_at")] DateTime CreatedAt,
    [property: JsonPropertyName("evaluator")] string? Evaluator = null,
    [property: JsonPropertyName("reason")] string? Reason = null,
    [property: JsonPropertyName("notes")] string? Notes = null,
    [property: JsonPropertyName("tags")] IReadOnlyList<string>? Tags = null,
    [property: JsonPropertyName("corrected_response")] string? CorrectedResponse = null,
    [property: JsonPropertyName("undoes")] int? Undoes = null);
