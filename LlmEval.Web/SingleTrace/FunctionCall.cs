using System.Text.Json;

namespace LlmEval.Web.SingleTrace;

/// <summary>One entry of a trace's <c>functions_called</c>. Values are JSON as it was sent.</summary>
/// <param name="Others">Members that have no meaning of their own here.</param>
public sealed record FunctionCall(
    string Name,
    string? Parameters,
    string? Result,
    string? Error,
    double? DurationMs,
    IReadOnlyList<KeyValuePair<string, string>> Others)
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1_000 };

    /// <summary>The arguments in one line, for a heading.</summary>
    public string Brief { get; private init; } = "";

    /// <returns>Null when it is not what it should be; it is then shown as it is.</returns>
    public static IReadOnlyList<FunctionCall>? ReadAll(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Deep);
            return [.. document.RootElement.EnumerateArray().Select(Read)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static FunctionCall Read(JsonElement call)
    {
        string name = "", brief = "";
        string? parameters = null, result = null, error = null;
        double? duration = null;
        List<KeyValuePair<string, string>> others = [];
        foreach (JsonProperty member in call.EnumerateObject())
        {
            JsonElement value = member.Value;
            switch (member.Name)
            {
                case "name":
                    name = JsonWords.Plain(value);
                    break;
                case "parameters":
                    parameters = value.GetRawText();
                    brief = JsonWords.OneLine(value);
                    break;
                case "result":
                    result = value.GetRawText();
                    break;
                case "error" when value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False):
                    error = value.GetRawText();
                    break;
                case "duration_ms" when value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double ms) && double.IsFinite(ms):
                    duration = ms;
                    break;
                default:
                    others.Add(new(member.Name, value.GetRawText()));
                    break;
            }
        }

        return new FunctionCall(name, parameters, result, error, duration, others) { Brief = brief };
    }
}
