using LlmEval.Core.Metrics;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;

namespace LlmEval.Web.Start;

public static class StartRegistration
{
    public static IServiceCollection AddStartPage(this IServiceCollection services) => services
        .AddSingleton<TraceSourceQueries>()
        .AddScoped<SampleData>()
        .AddScoped(provider => StartReads.From(
            provider.GetRequiredService<StatsQueries>(),
            provider.GetRequiredService<TraceQueries>(),
            provider.GetRequiredService<SampleData>(),
            provider.GetRequiredService<PageProject>(),
            provider.GetRequiredService<PageCaller>()));
}
