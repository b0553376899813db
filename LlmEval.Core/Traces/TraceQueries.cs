using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Traces;

public sealed class TraceQueries(IDbContextFactory<LlmEvalDb> databases)
{
    public Task<Page<TraceSummary>> ListSummariesAsync(int projectId, TraceFilter filter, Cursor? after, int limit, CancellationToken cancel)
    {
        _ = databases;
        return Task.FromResult(new Page<TraceSummary>([], null));
    }
}
