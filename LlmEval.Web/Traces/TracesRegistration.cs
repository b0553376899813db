using LlmEval.Core.Caching;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

public static class TracesRegistration
{
    public static IServiceCollection AddTracesPage(this IServiceCollection services) =>
        services.AddSingleton(provider => TraceReads.From(provider.GetRequiredService<TraceQueries>(), provider.GetRequiredService<TraceCache>()));
}
