using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Ingestion;
using LlmEval.Web.Access;

namespace LlmEval.Tests.Support;

/// <summary>Traces for tests that only care about one or two of their fields.</summary>
internal static class SomeTrace
{
    public static readonly DateTime Now = new(2026, 5, 4, 12, 0, 0, DateTimeKind.Utc);

    private static readonly (string Name, string Json)[] Plain =
    [
        ("trace_id", "\"t-1\""),
        ("model_name", "\"gpt-4\""),
        ("user_query", "\"What is AI?\""),
        ("ai_response", "\"An answer.\""),
    ];

    /// <summary>A valid trace with the given members set to raw JSON, or left out where it is null.</summary>
    public static string Json(params ReadOnlySpan<(string Name, string? Json)> members)
    {
        var all = Plain.Select(member => (member.Name, Json: (string?)member.Json)).ToList();
        foreach ((string name, string? json) in members)
        {
            int at = all.FindIndex(member => member.Name == name);
            if (at >= 0)
            {
                all[at] = (name, json);
            }
            else
            {
                all.Add((name, json));
            }
        }

        return "{" + string.Join(",", all.Where(member => member.Json is not null).Select(member => $"\"{member.Name}\":{member.Json}")) + "}";
    }

    /// <summary>The project of all that the builders make, as pages know it.</summary>
    public static PageProject Project { get; } = new(Projects.Default, "default", "Default");

    public static ParseContext Context(bool restore = false) => new(Projects.Default, Now, restore);

    public static ParsedTrace Parse(string json, bool restore = false) =>
        TraceParser.ParseTrace(Encoding.UTF8.GetBytes(json), Context(restore));

    public static ParsedTrace Parse(params ReadOnlySpan<(string Name, string? Json)> members) => Parse(Json(members));

    public static ParsedBatch ParseBatch(string json) => BatchParser.ParseBatch(Encoding.UTF8.GetBytes(json), Context());

    /// <summary>A parsed trace, as the queue takes it.</summary>
    public static NewTrace New(params ReadOnlySpan<(string Name, string? Json)> members)
    {
        ParsedTrace parsed = Parse(members);
        return parsed.Value ?? throw new InvalidOperationException(string.Join("; ", parsed.Faults));
    }
}
