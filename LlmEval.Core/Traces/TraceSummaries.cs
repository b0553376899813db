using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Traces;

/// <summary>Reads what lists show of some rows.</summary>
internal static class TraceSummaries
{
    /// <summary>One more than a preview needs, so that it shows whether the text goes on.</summary>
    private const int PreviewColumns = TraceSummary.PreviewLength + 1;

    /// <returns>In the order of the ids. A trace that was deleted since they were read is left out.</returns>
    public static async Task<IReadOnlyList<TraceSummary>> ReadAsync(LlmEvalDb db, long[] ids, CancellationToken cancel)
    {
        var rows = await db.Set<Trace>()
            .Where(t => EF.Parameter(ids).Contains(t.Id))
            .Select(t => new
            {
                t.Id,
                t.TraceId,
                t.Timestamp,
                t.ModelName,
                t.Status,
                t.Version,
                UserQuery = t.UserQuery.Substring(0, PreviewColumns),
                AiResponse = t.AiResponse.Substring(0, PreviewColumns),
                t.TokensUsed,
                t.ResponseTimeMs,
                t.Cost,
                t.HasError,
                t.SessionId,
                t.Tags,
            })
            .ToDictionaryAsync(row => row.Id, cancel);
        List<TraceSummary> items = [];
        foreach (long id in ids)
        {
            if (rows.TryGetValue(id, out var t))
            {
                items.Add(new TraceSummary(
                    t.TraceId,
                    t.Timestamp,
                    t.ModelName,
                    t.Status,
                    t.Version,
                    TraceSummary.Preview(t.UserQuery),
                    TraceSummary.Preview(t.AiResponse),
                    t.TokensUsed,
                    t.ResponseTimeMs,
                    t.Cost,
                    t.HasError,
                    t.SessionId,
                    t.Tags));
            }
        }

        return items;
    }
}
