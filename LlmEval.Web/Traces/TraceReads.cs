using LlmEval.Core.Access;
using LlmEval.Core.Caching;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

/// <summary>What the traces page reads from storage.</summary>
public sealed record TraceReads(
    Func<TraceFilter, Cursor?, int, CancellationToken, Task<Page<TraceSummary>>> List,
    Func<string, CancellationToken, Task<Trace?>> Find,
    Func<CancellationToken, Task<IReadOnlyList<string>>> ModelNames)
{
    public static TraceReads From(TraceQueries queries, TraceCache cache) => new(
        (filter, after, limit, cancel) => queries.ListSummariesAsync(Projects.Default, filter, after, limit, cancel),
        async (traceId, cancel) => (await cache.GetAsync(Projects.Default, traceId, cancel))?.Trace,
        cancel => queries.ModelNamesAsync(Projects.Default, cancel));
}
