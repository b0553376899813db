using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Traces;

/// <summary>Tells traces of one source, such as the sample data, from others.</summary>
public sealed class TraceSourceQueries(IDbContextFactory<LlmEvalDb> databases)
{
    /// <summary>Which of these traces are stored and came from a source.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(int projectId, IReadOnlyList<string> traceIds, string source, CancellationToken cancel)
    {
        string[] ids = [.. traceIds];
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Trace>()
            .Where(t => t.ProjectId == projectId && EF.Parameter(ids).Contains(t.TraceId) && t.Source == source)
            .OrderBy(t => t.TraceId)
            .Select(t => t.TraceId)
            .ToListAsync(cancel);
    }
}
