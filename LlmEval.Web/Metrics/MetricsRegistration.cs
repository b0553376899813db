using LlmEval.Core.Metrics;
using LlmEval.Web.Access;

namespace LlmEval.Web.Metrics;

public static class MetricsRegistration
{
    public static IServiceCollection AddOverviewPage(this IServiceCollection services) =>
        services.AddScoped(provider => OverviewState.ReaderOf(provider.GetRequiredService<SharedOverviews>(), provider.GetRequiredService<PageProject>()));
}
