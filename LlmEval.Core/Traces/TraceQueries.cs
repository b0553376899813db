using System.Runtime.CompilerServices;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Traces;

/// <summary>Reads many traces: lists, and all of them for an export.</summary>
public sealed class TraceQueries(IDbContextFactory<LlmEvalDb> databases, ITextSearch search, TimeProvider time)
{
    /// <summary>Texts have up to 1 MiB each, kept JSON more: a page of whole traces ends early rather than hold more characters than this.</summary>
    private const int PageCharacters = 8 * 1_024 * 1_024;

    private const int ExportPage = 500;

    /// <summary>A page that is not full by then is given as far as it came, perhaps empty: its cursor goes on from there.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Lists traces, newest first, with the beginnings of their texts. A page may be short, even empty, and still have a cursor:
    /// where rows have to be looked into one by one, it tells how far that came.
    /// </summary>
    /// <param name="after">The last place already seen; null begins with the newest.</param>
    public async Task<Page<TraceSummary>> ListSummariesAsync(int projectId, TraceFilter filter, Cursor? after, int limit, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        Page<TraceSummary> page = await ReadSummariesAsync(new RowKeys(db, projectId, filter, TraceOrder.NewestFirst), after, limit, cancel);
        return search.Read(filter.Text)?.Word is { } word
            ? page with { Items = await TraceExcerpts.AddAsync(db, projectId, page.Items, word, cancel) }
            : page;
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
        (List<RowKey> keys, Cursor? reached) = await WalkAsync(list, after, limit + 1, Patience, cancel);
        long[] ids = [.. keys.Take(limit).Select(k => k.Id)];
        IReadOnlyList<TraceSummary> items = await TraceSummaries.ReadAsync(list.Db, ids, cancel);
        return new Page<TraceSummary>(items, keys.Count > limit ? keys[limit - 1].ToCursor() : reached);
    }

    /// <summary>Lists whole traces, newest first. A page of very long texts, or of what is hard to find, is shorter than the limit; its cursor tells that more follow.</summary>
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
    /// All traces that pass the filter with their histories, oldest first. Holds one page of traces and one part of their histories
    /// at a time, and no connection while the caller is busy with them.
    /// </summary>
    public async IAsyncEnumerable<IReadOnlyList<TraceDetail>> ExportAsync(
        int projectId, TraceFilter filter, [EnumeratorCancellation] CancellationToken cancel)
    {
        Cursor? after = null;
        do
        {
            (IReadOnlyList<Trace[]> parts, after) = await ReadPartsAsync(projectId, filter, after, cancel);
            foreach (Trace[] part in parts)
            {
                yield return await ReadRecordsAsync(projectId, part, cancel);
            }
        }
        while (after is not null);
    }

    private async Task<(IReadOnlyList<Trace[]> Parts, Cursor? Next)> ReadPartsAsync(
        int projectId, TraceFilter filter, Cursor? after, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        Page<Trace> page = await ReadPageAsync(new RowKeys(db, projectId, filter, TraceOrder.OldestFirst), after, ExportPage, cancel);
        return (await TraceHistories.PartAsync(db, projectId, page.Items, cancel), page.Next);
    }

    private async Task<IReadOnlyList<TraceDetail>> ReadRecordsAsync(int projectId, Trace[] traces, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await TraceHistories.ReadAsync(db, projectId, traces, cancel);
    }

    private async Task<Page<Trace>> ReadPageAsync(RowKeys rows, Cursor? after, int limit, CancellationToken cancel)
    {
        (List<RowKey> keys, Cursor? reached) = await WalkAsync(rows, after, limit + 1, Patience, cancel);
        long[] ids = [.. keys.Take(limit).Select(k => k.Id)];
        IQueryable<Trace> found = rows.Db.Set<Trace>().Where(t => EF.Parameter(ids).Contains(t.Id));
        found = rows.Order == TraceOrder.NewestFirst
            ? found.OrderByDescending(t => t.Timestamp).ThenByDescending(t => t.Id)
            : found.OrderBy(t => t.Timestamp).ThenBy(t => t.Id);
        List<Trace> items = [];
        int characters = 0;
        await foreach (Trace trace in found.AsAsyncEnumerable().WithCancellation(cancel).ConfigureAwait(false))
        {
            items.Add(trace);
            characters += trace.UserQuery.Length + trace.AiResponse.Length + (trace.SystemPrompt?.Length ?? 0)
                + (trace.FunctionsCalled?.Length ?? 0) + (trace.Metadata?.Length ?? 0) + (trace.Error?.Length ?? 0);
            if (characters > PageCharacters)
            {
                bool more = trace.Id != keys[^1].Id;
                return new Page<Trace>(items, more ? new Cursor(trace.Timestamp, trace.Id) : reached);
            }
        }

        return new Page<Trace>(items, keys.Count > limit ? keys[limit - 1].ToCursor() : reached);
    }

    /// <summary>The first rows, however long it takes.</summary>
    internal async Task<List<RowKey>> FindKeysAsync(RowKeys rows, Cursor? after, int limit, CancellationToken cancel) =>
        (await WalkAsync(rows, after, limit, Timeout.InfiniteTimeSpan, cancel)).Found;

    private async Task<Walked> WalkAsync(RowKeys rows, Cursor? after, int limit, TimeSpan patience, CancellationToken cancel)
    {
        ITextQuery? text = search.Read(rows.Filter.Text);
        if (text is null && !rows.AsksBeyondIndexes)
        {
            return new Walked(await rows.ReadAsync(after, limit, cancel), Reached: null);
        }

        long began = time.GetTimestamp();
        return await RowWalk.ReadAsync(rows, text, after, limit, IsTimeUp, cancel);

        bool IsTimeUp() => patience != Timeout.InfiniteTimeSpan && time.GetElapsedTime(began) > patience;
    }
}
