using LlmEval.Core.Access;
using LlmEval.Core.Metrics;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;

namespace LlmEval.Web.Start;

/// <summary>What the page to begin with needs of storage.</summary>
/// <param name="CountTraces">How many traces were ever counted.</param>
/// <param name="FindNewest">The newest trace that is no sample, if there is one.</param>
/// <param name="LoadSamples">False when the intake cannot take them now.</param>
public sealed record StartReads(
    Func<CancellationToken, Task<long>> CountTraces,
    Func<CancellationToken, Task<int>> CountSamples,
    Func<CancellationToken, Task<TraceSummary?>> FindNewest,
    Func<CancellationToken, Task<bool>> LoadSamples,
    Func<CancellationToken, Task> RemoveSamples)
{
    public static StartReads From(StatsQueries stats, TraceQueries traces, SampleData samples, PageProject project, PageCaller viewer) => new(
        async cancel => (await stats.ReadAsync(project.Id, cancel)).Total.Traces,
        samples.CountAsync,
        async cancel =>
        {
            // One more than there are samples: these may be the newest of all.
            Page<TraceSummary> page = await traces.ListSummariesAsync(project.Id, TraceFilter.Everything, after: null, SampleTraces.Ids.Count + 1, cancel);
            return page.Items.FirstOrDefault(t => !SampleTraces.Ids.Contains(t.TraceId));
        },
        async cancel =>
        {
            await viewer.DemandAsync(Rights.Admin);
            return await samples.LoadAsync(cancel);
        },
        async cancel =>
        {
            Caller caller = await viewer.DemandAsync(Rights.Admin);
            await samples.RemoveAsync(caller.ToActor(), cancel);
        });
}
