using System.Text.Json;

namespace LlmEval.Core.Outbound;

/// <summary>Says an event in one or two lines of Slack's markup.</summary>
internal static class SlackText
{
    private const int MostCharacters = 600;

    public static string Of(string eventName, JsonElement data) => eventName switch
    {
        "evaluation_updates" => Verdict(data),
        "new_trace" => $"New trace {Trace(data)}{Quote(data)}",
        "updated_trace" => $"Trace {Trace(data)} was changed{Quote(data)}",
        "deleted_trace" => $"Trace {Trace(data)} was deleted",
        _ => Escape(Text(data, "message") ?? Text(data, "title") ?? data.GetRawText()),
    };

    private static string Verdict(JsonElement data)
    {
        string by = Text(data, "evaluator") is { } who ? $" by {Escape(who)}" : "";
        string why = Text(data, "reason") is { } reason ? $": {Escape(reason)}" : "";
        return $"*{Escape(Text(data, "status") ?? "judged")}* {Trace(data)}{by}{why}";
    }

    private static string Trace(JsonElement data) => $"`{Escape(Text(data, "trace_id") ?? "")}` ({Escape(Text(data, "model_name") ?? "")})";

    private static string Quote(JsonElement data) =>
        data.TryGetProperty("summary"u8, out JsonElement summary) && Text(summary, "user_query") is { Length: > 0 } question
            ? $"\n> {Escape(question)}"
            : "";

    private static string? Text(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    // Traces are hostile: these three are what Slack reads mentions and links by. A line break would end a quote.
    private static string Escape(string text) =>
        (text.Length <= MostCharacters ? text : text[..MostCharacters] + "…")
        .Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").ReplaceLineEndings(" ");
}
