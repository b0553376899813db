using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Review;

/// <summary>Opens queues of traces that wait for a verdict. A queue is a question to the database, so it is always current.</summary>
public sealed class ReviewQueues(
    IDbContextFactory<LlmEvalDb> databases,
    TraceQueries traces,
    TraceDetailQueries details,
    TraceLeases leases)
{
    private readonly ReviewPick _pick = new(traces);

    public ReviewQueue Open(int projectId, ReviewScope scope) => new(projectId, scope, databases, _pick, details, leases);
}
