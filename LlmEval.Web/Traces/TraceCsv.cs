using System.Buffers;
using System.Globalization;
using System.Text;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

/// <summary>Traces as CSV (RFC 4180) for spreadsheets; cells that a spreadsheet would run as a formula are defused.</summary>
internal static class TraceCsv
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",;\"\t\r\n");
    private static readonly SearchValues<char> FormulaStart = SearchValues.Create("=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20");

    private static readonly (string Name, Func<Trace, IReadOnlyList<Evaluation>, string?> Read)[] Columns =
    [
        ("trace_id", (t, _) => t.TraceId),
        ("timestamp", (t, _) => Text(t.Timestamp)),
        ("model_name", (t, _) => t.ModelName),
        ("evaluation_status", (t, _) => t.Status.ToWire()),
        ("user_query", (t, _) => t.UserQuery),
        ("ai_response", (t, _) => t.AiResponse),
        ("system_prompt", (t, _) => t.SystemPrompt),
        ("tokens_used", (t, _) => t.TokensUsed?.ToString(CultureInfo.InvariantCulture)),
        ("prompt_tokens", (t, _) => t.PromptTokens?.ToString(CultureInfo.InvariantCulture)),
        ("completion_tokens", (t, _) => t.CompletionTokens?.ToString(CultureInfo.InvariantCulture)),
        ("response_time_ms", (t, _) => t.ResponseTimeMs?.ToString(CultureInfo.InvariantCulture)),
        ("cost", (t, _) => t.Cost is { } cost ? TraceJson.WithoutTrailingZeros(cost).ToString(CultureInfo.InvariantCulture) : null),
        ("error", (t, _) => t.Error),
        ("session_id", (t, _) => t.SessionId),
        ("user_id", (t, _) => t.UserId),
        ("environment", (t, _) => t.Environment),
        ("parent_id", (t, _) => t.ParentId),
        ("tags", (t, _) => t.Tags is null ? null : string.Join(" ", t.Tags)),
        ("functions_called", (t, _) => t.FunctionsCalled),
        ("metadata", (t, _) => t.Metadata),
        ("source", (t, _) => t.Source),
        ("batch_id", (t, _) => t.BatchId),
        ("received_at", (t, _) => Text(t.ReceivedAt)),
        ("evaluator", (_, h) => h.LastOrDefault()?.Evaluator),
        ("reason", (_, h) => h.LastOrDefault()?.Reason),
        ("notes", (_, h) => h.LastOrDefault()?.Notes),
        ("corrected_response", (_, h) => Corrected(h)),
    ];

    public static void WriteHeader(IBufferWriter<byte> output) => WriteRow(output, Columns.Select(c => c.Name));

    public static void Write(IBufferWriter<byte> output, Trace trace, IReadOnlyList<Evaluation> history) =>
        WriteRow(output, Columns.Select(c => c.Read(trace, history)));

    /// <summary>The ideal answer of the verdict that stands. One that was taken back, or judged over without it, counts no more.</summary>
    public static string? Corrected(IReadOnlyList<Evaluation> history) => history.LastOrDefault()?.CorrectedResponse;

    internal static string Cell(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return "";
        }

        // A number may begin with its sign; only text can be a formula.
        bool formula = FormulaStart.Contains(FirstSeen(value)) && !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        string text = formula ? "'" + value : value;
        return text.AsSpan().ContainsAny(Quoted) ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
    }

    /// <summary>Some spreadsheets pass over what cannot be seen.</summary>
    private static char FirstSeen(string value) => value.FirstOrDefault(
        c => FormulaStart.Contains(c) || char.GetUnicodeCategory(c) is not (UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.Control), ' ');

    private static void WriteRow(IBufferWriter<byte> output, IEnumerable<string?> cells)
    {
        Encoding.UTF8.GetBytes(string.Join(',', cells.Select(Cell)), output);
        output.Write("\r\n"u8);
    }

    private static string Text(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
