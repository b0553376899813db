using LlmEval.Core.Metrics;
using LlmEval.Web.Access;

namespace LlmEval.Web.Metrics;

public static class MetricsRegistration
{
    public static IServiceCollection AddOverviewPage(this IServiceCollection services) =>
        services
            .AddScoped<ReadOverview>(provider =>
            {
                (SharedOverviews overviews, int project) = Of(provider);
                return (range, cancel) => overviews.ReadAsync(project, range, cancel);
            })
            .AddScoped<LastOverview>(provider =>
            {
                (SharedOverviews overviews, int project) = Of(provider);
                return range => overviews.Last(project, range);
            });

    private static (SharedOverviews Overviews, int ProjectId) Of(IServiceProvider provider) =>
        (provider.GetRequiredService<SharedOverviews>(), provider.GetRequiredService<PageProject>().Id);
}
