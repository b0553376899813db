using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using LlmEval.Core.Primitives;

namespace LlmEval.Web.Traces;

/// <summary>How figures of a trace are written, in the viewer's culture.</summary>
public static class TraceFormat
{
    public const string Nothing = "–";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,

        // The page encodes; here a letter should stay a letter.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>842 ms, 2.41 s, 3 min 05 s.</summary>
    public static string Duration(double? milliseconds)
    {
        if (milliseconds is not { } ms)
        {
            return Nothing;
        }

        return ms switch
        {
            < 999.5 => string.Create(CultureInfo.CurrentCulture, $"{ms:0} ms"),
            < 59_995 => string.Create(CultureInfo.CurrentCulture, $"{ms / 1000:0.00} s"),
            _ => string.Create(CultureInfo.CurrentCulture, $"{Math.Floor(Math.Round(ms / 1000) / 60):N0} min {Math.Round(ms / 1000) % 60:00} s"),
        };
    }

    public static string Count(long? count) => count is { } n ? n.ToString("N0", CultureInfo.CurrentCulture) : Nothing;

    /// <summary>1 trace, 1,234 traces.</summary>
    /// <param name="what">One of them.</param>
    public static string Count(long count, string what) => $"{Count(count)} {what}{(count == 1 ? "" : "s")}";

    /// <summary>Dollars: cents are too coarse for one call, so at least four places, and more while the first ones are zero.</summary>
    public static string Cost(decimal? cost) => cost switch
    {
        null => Nothing,
        0 => "$0",
        < 0.001m => "$" + cost.Value.ToString("0.########", CultureInfo.CurrentCulture),
        < 100 => "$" + cost.Value.ToString("0.0000", CultureInfo.CurrentCulture),
        _ => "$" + cost.Value.ToString("N2", CultureInfo.CurrentCulture),
    };

    public static string Status(EvaluationStatus status) => status switch
    {
        EvaluationStatus.InReview => "In review",
        EvaluationStatus.Accepted => "Accepted",
        EvaluationStatus.Rejected => "Rejected",
        _ => "Pending",
    };

    /// <summary>The text, or what stands in for one that nobody could see: empty, blanks, characters without width.</summary>
    public static string Visible(string text, string otherwise)
    {
        foreach (char c in text)
        {
            if (!char.IsWhiteSpace(c) && char.GetUnicodeCategory(c) is not (UnicodeCategory.Format or UnicodeCategory.Control))
            {
                return text;
            }
        }

        return otherwise;
    }

    /// <summary>JSON over several lines; text that is not JSON, or holds half a surrogate pair, as it is.</summary>
    public static string Json(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return JsonSerializer.Serialize(document.RootElement, Indented);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return text;
        }
    }
}
