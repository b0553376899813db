using LlmEval.Core.Metrics;
using LlmEval.Web.Access;

namespace LlmEval.Web.Metrics;

public static class MetricsRegistration
{
    public static IServiceCollection AddOverviewPage(this IServiceCollection services) =>
        services
            .AddSingleton(provider => new SharedOverviews(
                provider.GetRequiredService<OverviewQueries>().ReadAsync, provider.GetRequiredService<TimeProvider>()))
            .AddScoped<ReadOverview>(provider =>
            {
                (SharedOverviews overviews, int project) = Of(provider);
                return (range, than, cancel) => overviews.ReadAsync(project, range, than, cancel);
            })
            .AddScoped<LastOverview>(provider =>
            {
                (SharedOverviews overviews, int project) = Of(provider);
                return (range, than) => overviews.Last(project, range, than);
            });

    private static (SharedOverviews Overviews, int ProjectId) Of(IServiceProvider provider) =>
        (provider.GetRequiredService<SharedOverviews>(), provider.GetRequiredService<PageProject>().Id);
}
