using System.Text.Json.Serialization;

namespace LlmEval.Web.Problems;

// Only for the API description, which shows the summary; Problem writes it.

/// <summary>What went wrong and what to do about it: title and detail for people, every fault in errors. RFC 9457.</summary>
internal sealed record ProblemBody(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("title")] string Title,
    [property: JsonPropertyName("status")] int Status,
    [property: JsonPropertyName("detail")] string Detail,
    [property: JsonPropertyName("success")] bool Success,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("errors")] IReadOnlyList<string> Errors);
