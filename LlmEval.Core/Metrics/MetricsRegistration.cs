using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Metrics;

public static class MetricsRegistration
{
    public static IServiceCollection AddFigures(this IServiceCollection services) => services
        .AddSingleton<StatsQueries>()
        .AddSingleton<OverviewQueries>()
        .AddSingleton(provider => new SharedOverviews(
            provider.GetRequiredService<OverviewQueries>().ReadAsync, provider.GetRequiredService<TimeProvider>()));
}
