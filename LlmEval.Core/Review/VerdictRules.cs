using System.Text;
using LlmEval.Core.Ingestion;

namespace LlmEval.Core.Review;

/// <summary>The rules of a verdict, wherever it comes from.</summary>
internal static class VerdictRules
{
    /// <summary>A copy whose text any database can hold.</summary>
    public static Verdict Mend(Verdict verdict) => verdict with
    {
        Reason = Mend(verdict.Reason),
        Notes = Mend(verdict.Notes),
        CorrectedResponse = Mend(verdict.CorrectedResponse),

        // Nobody, by both ways to say so: verdicts are counted by whose they are.
        Evaluator = Mend(verdict.Evaluator) is { Length: > 0 } name ? name : null,
        Tags = verdict.Tags?.Select(tag => Mend(tag)!).ToArray(),
    };

    public static IReadOnlyList<string> FindFaults(Verdict verdict)
    {
        var faults = new List<string>();
        CheckName("reason", verdict.Reason, faults);
        CheckName("evaluator", verdict.Evaluator, faults);
        CheckText("notes", verdict.Notes, faults);
        CheckText("corrected_response", verdict.CorrectedResponse, faults);
        if (verdict.Tags is { Count: > TraceLimits.Tags })
        {
            faults.Add($"tags: must hold at most {TraceLimits.Tags} tags");
        }

        for (int i = 0; i < Math.Min(verdict.Tags?.Count ?? 0, TraceLimits.Tags); i++)
        {
            CheckName($"tags[{i}]", verdict.Tags![i], faults);
        }

        return faults;
    }

    private static void CheckName(string field, string? value, List<string> faults)
    {
        if (value is { Length: > TraceLimits.NameCharacters } && value.EnumerateRunes().Count() > TraceLimits.NameCharacters)
        {
            faults.Add($"{field}: must be at most {TraceLimits.NameCharacters} characters");
        }
    }

    private static void CheckText(string field, string? value, List<string> faults)
    {
        if (value is not null && Encoding.UTF8.GetByteCount(value) > TraceLimits.TextBytes)
        {
            faults.Add($"{field}: must be at most {TraceLimits.TextBytes} bytes of UTF-8");
        }
    }

    /// <summary>Encoding replaces what is half a character.</summary>
    public static string? Mend(string? text) =>
        text is null ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
}
