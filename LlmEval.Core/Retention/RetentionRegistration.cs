using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Retention;

public static class RetentionRegistration
{
    public static IServiceCollection AddRetention(this IServiceCollection services) => services
        .AddSingleton<RetentionPolicies>()
        .AddSingleton<RetentionQueries>()
        .AddSingleton<RetentionSweeper>()
        .AddHostedService<RetentionLoop>();
}
