using System.Text.Json.Serialization;

namespace LlmEval.Web.Review;

/// <summary>A verdict as it is sent, for the API description.</summary>
internal sealed record EvaluationShape(
    [property: JsonPropertyName("trace_id")] string TraceId,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("reason")] string? Reason = null,
    [property: JsonPropertyName("notes")] string? Notes = null,
    [property: JsonPropertyName("tags")] IReadOnlyList<string>? Tags = null,
    [property: JsonPropertyName("corrected_response")] string? CorrectedResponse = null,
    [property: JsonPropertyName("evaluator")] string? Evaluator = null,
    [property: JsonPropertyName("expected_version")] int? ExpectedVersion = null);

/// <summary>An entry of a trace's history, for the API description.</summary>
internal sealed record EvaluationEntryShape(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("previous_status")] string PreviousStatus,
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("evaluator")] string? Evaluator,
    [property: JsonPropertyName("reason")] string? Reason,
    [property: JsonPropertyName("notes")] string? Notes,
    [property: JsonPropertyName("tags")] IReadOnlyList<string>? Tags,
    [property: JsonPropertyName("corrected_response")] string? CorrectedResponse);

/// <summary>Where the trace stands now and what was added, for the API description.</summary>
internal sealed record EvaluationAnswerShape(
    [property: JsonPropertyName("success")] bool Success,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("trace_id")] string TraceId,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("evaluation")] EvaluationEntryShape Evaluation);
