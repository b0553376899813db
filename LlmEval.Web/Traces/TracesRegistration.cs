using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Caching;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Web.SingleTrace;

namespace LlmEval.Web.Traces;

public static class TracesRegistration
{
    /// <summary>Adds what the pages about traces read and write.</summary>
    public static IServiceCollection AddTracePages(this IServiceCollection services)
    {
        services.AddSingleton(provider => TraceReads.From(provider.GetRequiredService<TraceQueries>(), provider.GetRequiredService<TraceCache>()));
        services.AddSingleton<JudgeTrace>(provider =>
        {
            SubmitDecision submit = provider.GetRequiredService<SubmitDecision>();
            return (verdict, cancel) => submit.RunAsync(Projects.Default, verdict, cancel);
        });
        services.AddSingleton<TagTrace>(provider =>
        {
            TraceCache cache = provider.GetRequiredService<TraceCache>();
            AmendTrace amend = provider.GetRequiredService<AmendTrace>();
            return async (traceId, tags, cancel) =>
            {
                if (await cache.GetAsync(Projects.Default, traceId, cancel) is not { Trace: var trace })
                {
                    return new AmendAnswer(ChangeOutcome.NotFound, null, []);
                }

                byte[] patch = JsonSerializer.SerializeToUtf8Bytes(new { tags = (trace.Tags ?? []).Union(tags) });
                return await amend.RunAsync(Projects.Default, traceId, TracePatch.Parse(patch), trace.Version, cancel);
            };
        });
        return services;
    }
}
