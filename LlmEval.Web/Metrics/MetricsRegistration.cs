using LlmEval.Core.Metrics;

namespace LlmEval.Web.Metrics;

public static class MetricsRegistration
{
    public static IServiceCollection AddOverviewPage(this IServiceCollection services) =>
        services.AddSingleton(provider => OverviewState.ReaderOf(provider.GetRequiredService<SharedOverviews>()));
}
