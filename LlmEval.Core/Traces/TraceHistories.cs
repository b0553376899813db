using LlmEval.Core.Ingestion;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Traces;

/// <param name="Characters">Of notes and ideal answers together.</param>
internal readonly record struct HistorySize(int Entries, long Characters);

/// <summary>
/// The histories of many traces, a part at a time: one alone may have 16 Mi characters, and a page of traces would bring hundreds.
/// </summary>
internal static class TraceHistories
{
    private const long PartCharacters = 8 * 1_024 * 1_024;

    /// <summary>What an entry may hold beside notes and ideal answer: above all its tags.</summary>
    private const long EntryCharacters = TraceLimits.Tags * TraceLimits.NameCharacters;

    /// <summary>Divides traces, in their order, so that the histories of each part can be held at once.</summary>
    public static async Task<IReadOnlyList<Trace[]>> PartAsync(LlmEvalDb db, int projectId, IReadOnlyList<Trace> traces, CancellationToken cancel)
    {
        if (traces.Count == 0)
        {
            return [];
        }

        Dictionary<string, HistorySize> sizes = await MeasureAsync(db, projectId, [.. traces.Select(t => t.TraceId)], cancel);
        var parts = new List<Trace[]>();
        int begin = 0;
        long held = 0;
        for (int i = 0; i < traces.Count; i++)
        {
            HistorySize history = sizes.GetValueOrDefault(traces[i].TraceId);
            long size = history.Characters + (history.Entries * EntryCharacters);
            if (i > begin && held + size > PartCharacters)
            {
                parts.Add([.. traces.Take(begin..i)]);
                (begin, held) = (i, 0);
            }

            held += size;
        }

        parts.Add([.. traces.Skip(begin)]);
        return parts;
    }

    public static async Task<IReadOnlyList<TraceDetail>> ReadAsync(LlmEvalDb db, int projectId, IReadOnlyList<Trace> traces, CancellationToken cancel)
    {
        ILookup<string, Evaluation> histories = (await Of(db, projectId, [.. traces.Select(t => t.TraceId)]).OrderBy(e => e.Id).ToListAsync(cancel)).ToLookup(e => e.TraceId);
        return [.. traces.Select(t => new TraceDetail(t, [.. histories[t.TraceId]]))];
    }

    /// <returns>By trace; one without verdicts is not in it.</returns>
    public static Task<Dictionary<string, HistorySize>> MeasureAsync(LlmEvalDb db, int projectId, string[] traceIds, CancellationToken cancel) =>
        Of(db, projectId, traceIds)
            .GroupBy(e => e.TraceId)
            .Select(all => new
            {
                all.Key,
                Entries = all.Count(),
                Characters = all.Sum(e => (long)(e.Notes ?? "").Length + (e.CorrectedResponse ?? "").Length),
            })
            .ToDictionaryAsync(all => all.Key, all => new HistorySize(all.Entries, all.Characters), cancel);

    private static IQueryable<Evaluation> Of(LlmEvalDb db, int projectId, string[] traceIds) =>
        db.Set<Evaluation>().Where(e => e.ProjectId == projectId && EF.Parameter(traceIds).Contains(e.TraceId));
}
