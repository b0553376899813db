using LlmEval.Core.Access;
using LlmEval.Core.Caching;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

/// <summary>What the pages about traces read from storage.</summary>
public sealed record TraceReads(
    Func<TraceFilter, Cursor?, int, CancellationToken, Task<Page<TraceSummary>>> List,
    Func<string, CancellationToken, ValueTask<TraceDetail?>> Find,
    Func<TraceFilter, Cursor, int, CancellationToken, Task<TraceSurroundings>> Around,
    Func<CancellationToken, Task<IReadOnlyList<string>>> ModelNames)
{
    public static TraceReads From(TraceQueries queries, TraceCache cache) => new(
        (filter, after, limit, cancel) => queries.ListSummariesAsync(Projects.Default, filter, after, limit, cancel),
        async (traceId, cancel) => traceId.Contains('\0') ? null : await cache.GetAsync(Projects.Default, traceId, cancel),
        (filter, place, count, cancel) => queries.AroundAsync(Projects.Default, filter, place, count, cancel),
        cancel => queries.ModelNamesAsync(Projects.Default, cancel));
}
