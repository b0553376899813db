using LlmEval.Core.Caching;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;

namespace LlmEval.Web.Traces;

/// <summary>What the pages about traces read from storage.</summary>
public sealed record TraceReads(
    Func<TraceFilter, Cursor?, int, CancellationToken, Task<Page<TraceSummary>>> List,
    Func<string, CancellationToken, ValueTask<TraceDetail?>> Find,
    Func<TraceFilter, Cursor, int, CancellationToken, Task<TraceSurroundings>> Around,
    Func<CancellationToken, Task<IReadOnlyList<string>>> ModelNames)
{
    public static TraceReads From(TraceQueries queries, TraceCache cache, PageProject project) => new(
        (filter, after, limit, cancel) => queries.ListSummariesAsync(project.Id, filter, after, limit, cancel),
        async (traceId, cancel) => traceId.Contains('\0') ? null : await cache.GetAsync(project.Id, traceId, cancel),
        (filter, place, count, cancel) => queries.AroundAsync(project.Id, filter, place, count, cancel),
        cancel => queries.ModelNamesAsync(project.Id, cancel));
}
