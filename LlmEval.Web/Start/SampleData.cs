using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Start;

/// <summary>Loads the sample traces through the same intake as everything else, and takes them away again, out of the figures too.</summary>
public sealed class SampleData(IngestionQueue queue, TraceSourceQueries traces, DeleteTrace delete, TimeProvider time)
{
    /// <returns>False when the intake cannot take them now; trying again is safe.</returns>
    public async Task<bool> LoadAsync(CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        var context = new ParseContext(Projects.Default, now, Restore: true);
        NewTrace[] samples = [.. SampleTraces.Make(now).Select(body => TraceParser.ParseTrace(body, context).Value!)];
        IngestReceipt receipt = await queue.SubmitAsync(samples, cancel);
        return receipt.Failure == IngestFailure.None;
    }

    /// <summary>How many are stored.</summary>
    public async Task<int> CountAsync(CancellationToken cancel) => (await FindAsync(cancel)).Count;

    public async Task RemoveAsync(CancellationToken cancel)
    {
        foreach (string traceId in await FindAsync(cancel))
        {
            await delete.RunAsync(Projects.Default, traceId, expectedVersion: null, cancel);
        }
    }

    /// <summary>Somebody's own trace may have such an id.</summary>
    private Task<IReadOnlyList<string>> FindAsync(CancellationToken cancel) =>
        traces.FindAsync(Projects.Default, SampleTraces.Ids, SampleTraces.Source, cancel);
}
