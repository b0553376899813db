using LlmEval.Core.Access;
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
        return services;
    }
}
