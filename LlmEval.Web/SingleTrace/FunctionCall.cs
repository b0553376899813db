using System.Text.Json;

namespace LlmEval.Web.SingleTrace;

/// <summary>One entry of a trace's <c>functions_called</c>. Values are JSON as it was sent.</summary>
/// <param name="Others">Members that have no meaning of their own here, or the first of them.</param>
/// <param name="Whole">The entry as it was sent, when it has more others than are here.</param>
public sealed record FunctionCall(
    string Name,
    string? Parameters,
    string? Result,
    string? Error,
    double? DurationMs,
    IReadOnlyList<KeyValuePair<string, string>> Others,
    string? Whole)
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1_000 };

    /// <summary>The arguments in one line, for a heading.</summary>
    public string Brief { get; private init; } = "";

    /// <param name="most">So many calls, from the first on.</param>
    /// <returns>Those calls, and how many there are; null when it is not what it should be: it is then shown as it is.</returns>
    public static (IReadOnlyList<FunctionCall> First, int Count)? Read(string json, int most)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Deep);
            return document.RootElement.EnumerateArray().All(call => call.ValueKind == JsonValueKind.Object)
                ? ([.. document.RootElement.EnumerateArray().Take(most).Select(ReadOne)], document.RootElement.GetArrayLength())
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static FunctionCall ReadOne(JsonElement call)
    {
        string name = "", brief = "";
        string? parameters = null, result = null, error = null;
        double? duration = null;
        bool hasMore = false;
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
                case var _ when others.Count < JsonWords.MostMembers:
                    others.Add(new(member.Name, value.GetRawText()));
                    break;
                default:
                    hasMore = true;
                    break;
            }
        }

        return new FunctionCall(name, parameters, result, error, duration, others, hasMore ? call.GetRawText() : null) { Brief = brief };
    }
}
