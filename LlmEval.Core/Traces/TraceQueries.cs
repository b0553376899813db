using System.Runtime.CompilerServices;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Traces;

/// <summary>Reads many traces: lists, and all of them for an export.</summary>
public sealed class TraceQueries(IDbContextFactory<LlmEvalDb> databases, ITextSearch search)
{
    /// <summary>Texts have up to 1 MiB each: a page of whole traces ends early rather than hold more characters than this.</summary>
    private const int PageCharacters = 8 * 1_024 * 1_024;

    private const int ExportPage = 500;

    /// <summary>Lists traces, newest first, with the beginnings of their texts.</summary>
    /// <param name="after">The last place already seen; null begins with the newest.</param>
    public async Task<Page<TraceSummary>> ListSummariesAsync(int projectId, TraceFilter filter, Cursor? after, int limit, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await ReadSummariesAsync(new RowKeys(db, projectId, filter, TraceOrder.NewestFirst), after, limit, cancel);
    }

    /// <summary>What stands before and after a place in a list.</summary>
    /// <param name="count">So many on each side.</param>
    public async Task<TraceSurroundings> AroundAsync(int projectId, TraceFilter filter, Cursor place, int count, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        Page<TraceSummary> newer = await ReadSummariesAsync(new RowKeys(db, projectId, filter, TraceOrder.OldestFirst), place, count, cancel);
        Page<TraceSummary> older = await ReadSummariesAsync(new RowKeys(db, projectId, filter, TraceOrder.NewestFirst), place, count, cancel);
        return new TraceSurroundings(newer.Items, older.Items);
    }

    private async Task<Page<TraceSummary>> ReadSummariesAsync(RowKeys list, Cursor? after, int limit, CancellationToken cancel)
    {
        List<RowKey> keys = await FindKeysAsync(list, after, limit + 1, cancel);
        long[] ids = [.. keys.Take(limit).Select(k => k.Id)];
        IReadOnlyList<TraceSummary> items = await TraceSummaries.ReadAsync(list.Db, ids, cancel);
        return new Page<TraceSummary>(items, keys.Count > limit ? keys[limit - 1].ToCursor() : null);
    }

    /// <summary>Lists whole traces, newest first. A page of very long texts is shorter than the limit; its cursor tells that more follow.</summary>
    public async Task<Page<Trace>> ListAsync(int projectId, TraceFilter filter, Cursor? after, int limit, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await ReadPageAsync(new RowKeys(db, projectId, filter, TraceOrder.NewestFirst), after, limit, cancel);
    }

    /// <summary>The names of all models, in alphabetical order; the first 1,000 of them if there are that many.</summary>
    public async Task<IReadOnlyList<string>> ModelNamesAsync(int projectId, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);

        // DISTINCT would read the whole index; this jumps from one name to the next.
        List<string> names = await db.Database.SqlQuery<string>(
            $"""
            WITH RECURSIVE names(name) AS (
                SELECT (SELECT min(model_name) FROM traces WHERE project_id = {projectId})
                UNION ALL
                SELECT (SELECT min(model_name) FROM traces WHERE project_id = {projectId} AND model_name > names.name) FROM names WHERE name IS NOT NULL)
            SELECT name AS "Value" FROM names WHERE name IS NOT NULL LIMIT 1000
            """).ToListAsync(cancel);
        names.Sort(StringComparer.OrdinalIgnoreCase);
        return names;
    }

    /// <summary>
    /// All traces that pass the filter with their histories, oldest first. Holds one page at a time, and no connection while the
    /// caller is busy with it.
    /// </summary>
    public async IAsyncEnumerable<TraceDetail> ExportAsync(int projectId, TraceFilter filter, [EnumeratorCancellation] CancellationToken cancel)
    {
        Cursor? after = null;
        do
        {
            (IReadOnlyList<TraceDetail> records, after) = await ReadRecordsAsync(projectId, filter, after, cancel);
            foreach (TraceDetail record in records)
            {
                yield return record;
            }
        }
        while (after is not null);
    }

    private async Task<(IReadOnlyList<TraceDetail> Records, Cursor? Next)> ReadRecordsAsync(
        int projectId,
        TraceFilter filter,
        Cursor? after,
        CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        Page<Trace> page = await ReadPageAsync(new RowKeys(db, projectId, filter, TraceOrder.OldestFirst), after, ExportPage, cancel);
        string[] traceIds = [.. page.Items.Select(t => t.TraceId)];
        ILookup<string, Evaluation> histories = (await db.Set<Evaluation>()
            .Where(e => e.ProjectId == projectId && EF.Parameter(traceIds).Contains(e.TraceId))
            .OrderBy(e => e.Id)
            .ToListAsync(cancel)).ToLookup(e => e.TraceId);
        return ([.. page.Items.Select(t => new TraceDetail(t, [.. histories[t.TraceId]]))], page.Next);
    }

    private async Task<Page<Trace>> ReadPageAsync(RowKeys rows, Cursor? after, int limit, CancellationToken cancel)
    {
        List<RowKey> keys = await FindKeysAsync(rows, after, limit + 1, cancel);
        long[] ids = [.. keys.Take(limit).Select(k => k.Id)];
        IQueryable<Trace> found = rows.Db.Set<Trace>().Where(t => EF.Parameter(ids).Contains(t.Id));
        found = rows.Order == TraceOrder.NewestFirst
            ? found.OrderByDescending(t => t.Timestamp).ThenByDescending(t => t.Id)
            : found.OrderBy(t => t.Timestamp).ThenBy(t => t.Id);
        List<Trace> items = [];
        int characters = 0;
        await foreach (Trace trace in found.AsAsyncEnumerable().WithCancellation(cancel))
        {
            items.Add(trace);
            characters += trace.UserQuery.Length + trace.AiResponse.Length + (trace.SystemPrompt?.Length ?? 0)
                + (trace.FunctionsCalled?.Length ?? 0) + (trace.Metadata?.Length ?? 0);
            if (characters > PageCharacters)
            {
                bool more = trace.Id != keys[^1].Id;
                return new Page<Trace>(items, more ? new Cursor(trace.Timestamp, trace.Id) : null);
            }
        }

        return new Page<Trace>(items, keys.Count > limit ? keys[limit - 1].ToCursor() : null);
    }

    internal Task<List<RowKey>> FindKeysAsync(RowKeys rows, Cursor? after, int limit, CancellationToken cancel) =>
        search.Read(rows.Filter.Text) is { } text ? TextWalk.ReadAsync(rows, text, after, limit, cancel) : rows.ReadAsync(after, limit, cancel);
}
