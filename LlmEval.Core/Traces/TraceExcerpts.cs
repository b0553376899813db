using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Traces;

/// <summary>Cuts out of long texts the place of a word that their beginnings do not show.</summary>
internal static class TraceExcerpts
{
    /// <summary>So much stands before the word.</summary>
    private const int Before = 20;

    /// <summary>So much of a preview is in sight where a list is narrow: beside every other column, or on a phone.</summary>
    private const int InSight = 32;

    private const int Length = 160;

    /// <param name="word">In small letters. Where the database has other ideas of small letters than the index, there is no excerpt.</param>
    public static async Task<IReadOnlyList<TraceSummary>> AddAsync(
        LlmEvalDb db, int projectId, IReadOnlyList<TraceSummary> summaries, string word, CancellationToken cancel)
    {
        string[] hidden = [.. summaries.Where(s => !Shows(s.UserQuery, word) && !Shows(s.AiResponse, word)).Select(s => s.TraceId)];
        if (hidden.Length == 0)
        {
            return summaries;
        }

        var found = await db.Set<Trace>()
            .Where(t => t.ProjectId == projectId && EF.Parameter(hidden).Contains(t.TraceId))
            .Select(t => new { t.TraceId, t.UserQuery, t.AiResponse, InAnswer = t.AiResponse.ToLower().IndexOf(word), InQuery = t.UserQuery.ToLower().IndexOf(word) })
            .Where(t => t.InAnswer >= Before || t.InQuery >= Before)
            .Select(t => new
            {
                t.TraceId,
                Text = t.InAnswer >= Before ? t.AiResponse.Substring(t.InAnswer - Before, Length) : t.UserQuery.Substring(t.InQuery - Before, Length),
            })
            .ToDictionaryAsync(t => t.TraceId, t => t.Text, cancel);

        // A locale whose small letters take more room than the large ones counts past the end of a text.
        return [.. summaries.Select(s => found.TryGetValue(s.TraceId, out string? text) && text.Length > Before ? s with { Excerpt = Tidy(text) } : s)];
    }

    private static bool Shows(string preview, string word) =>
        preview.AsSpan(0, Math.Min(preview.Length, InSight)).Contains(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>Begins and ends at words, and never with half a surrogate pair.</summary>
    private static string Tidy(string text)
    {
        int start = text.AsSpan(0, Math.Min(Before, text.Length)).IndexOfAny(' ', '\n') + 1;
        start += char.IsLowSurrogate(text[start]) ? 1 : 0;
        int end = text.Length - (char.IsHighSurrogate(text[^1]) ? 1 : 0);
        return $"…{text[start..end]}{(text.Length >= Length ? "…" : "")}";
    }
}
