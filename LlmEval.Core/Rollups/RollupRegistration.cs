using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Rollups;

public static class RollupRegistration
{
    public static IServiceCollection AddRollups(this IServiceCollection services)
    {
        services.AddSingleton<RollupFolder>();
        services.AddSingleton<RollupQueries>();
        services.AddSingleton<VerdictFolder>();
        services.AddSingleton<VerdictQueries>();
        services.AddHostedService<RollupFoldLoop>();
        return services;
    }
}
