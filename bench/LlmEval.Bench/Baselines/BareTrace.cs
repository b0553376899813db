using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmEval.Bench.Baselines;

/// <summary>A trace as the simplest endpoint would declare it.</summary>
internal sealed class BareTrace
{
    public required string TraceId { get; set; }
    public DateTimeOffset? Timestamp { get; set; }
    public required string ModelName { get; set; }
    public required string UserQuery { get; set; }
    public required string AiResponse { get; set; }
    public string? SystemPrompt { get; set; }
    public List<BareFunction>? FunctionsCalled { get; set; }
    public Dictionary<string, JsonElement>? Metadata { get; set; }
    public long? TokensUsed { get; set; }
    public long? PromptTokens { get; set; }
    public long? CompletionTokens { get; set; }
    public double? ResponseTimeMs { get; set; }
    public decimal? Cost { get; set; }
}

internal sealed class BareFunction
{
    public required string Name { get; set; }
    public JsonElement? Parameters { get; set; }
    public JsonElement? Result { get; set; }
}

internal sealed record BareAnswer(bool Success, string Message, string[] TraceIds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BareTrace))]
[JsonSerializable(typeof(BareAnswer))]
internal sealed partial class BareJson : JsonSerializerContext;
