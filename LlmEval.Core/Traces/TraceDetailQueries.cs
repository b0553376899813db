using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Traces;

/// <summary>Reads one trace from the database. Pages and endpoints that only show it ask the cache instead.</summary>
public sealed class TraceDetailQueries(IDbContextFactory<LlmEvalDb> databases)
{
    public async Task<Trace?> FindTraceAsync(int projectId, string traceId, CancellationToken cancel)
    {
        if (!MayExist(traceId))
        {
            return null;
        }

        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Trace>().SingleOrDefaultAsync(t => t.ProjectId == projectId && t.TraceId == traceId, cancel);
    }

    /// <summary>Trace and history come from one statement, so that they are of one moment.</summary>
    public async Task<TraceDetail?> FindAsync(int projectId, string traceId, CancellationToken cancel)
    {
        if (!MayExist(traceId))
        {
            return null;
        }

        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        var found = await db.Set<Trace>()
            .Where(t => t.ProjectId == projectId && t.TraceId == traceId)
            .Select(t => new
            {
                Trace = t,
                History = db.Set<Evaluation>().Where(e => e.ProjectId == t.ProjectId && e.TraceId == t.TraceId).OrderBy(e => e.Id).ToList(),
            })
            .AsSingleQuery()
            .SingleOrDefaultAsync(cancel);
        return found is null ? null : new TraceDetail(found.Trace, found.History);
    }

    // No id contains U+0000, and PostgreSQL cannot even be asked for one.
    internal static bool MayExist(string traceId) => !traceId.Contains('\0');
}
