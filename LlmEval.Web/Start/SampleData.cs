using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;

namespace LlmEval.Web.Start;

/// <summary>Loads the sample traces through the same intake as everything else, and takes them away again, out of the figures too.</summary>
public sealed class SampleData(IngestionQueue queue, TraceSourceQueries traces, DeleteTrace delete, AuditLog audit, PageProject project, TimeProvider time)
{
    /// <returns>False when the intake cannot take them now; trying again is safe.</returns>
    public async Task<bool> LoadAsync(CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        var context = new ParseContext(project.Id, now, Restore: true);
        NewTrace[] samples = [.. SampleTraces.Make(now).Select(body => TraceParser.ParseTrace(body, context).Value!)];
        IngestReceipt receipt = await queue.SubmitAsync(samples, cancel);
        return receipt.Failure == IngestFailure.None;
    }

    /// <summary>How many are stored.</summary>
    public async Task<int> CountAsync(CancellationToken cancel) => (await FindAsync(cancel)).Count;

    public async Task RemoveAsync(Actor actor, CancellationToken cancel)
    {
        int removed = 0;
        foreach (string traceId in await FindAsync(cancel))
        {
            removed += await delete.RunAsync(project.Id, traceId, expectedVersion: null, actor: null, cancel) == ChangeOutcome.Applied ? 1 : 0;
        }

        if (removed > 0)
        {
            // One line for all of them, after the fact: they were never anybody's own.
            await audit.WriteAsync(actor, "sample.removed", "the sample traces", project.Id, new { removed }, cancel);
        }
    }

    /// <summary>Somebody's own trace may have such an id.</summary>
    private Task<IReadOnlyList<string>> FindAsync(CancellationToken cancel) =>
        traces.FindAsync(project.Id, SampleTraces.Ids, SampleTraces.Source, cancel);
}
