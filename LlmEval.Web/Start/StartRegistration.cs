using LlmEval.Core.Metrics;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Start;

public static class StartRegistration
{
    public static IServiceCollection AddStartPage(this IServiceCollection services) => services
        .AddSingleton<TraceSourceQueries>()
        .AddSingleton<SampleData>()
        .AddSingleton(provider => StartReads.From(provider.GetRequiredService<StatsQueries>(), provider.GetRequiredService<SampleData>()));
}
