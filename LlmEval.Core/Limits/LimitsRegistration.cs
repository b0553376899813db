using LlmEval.Core.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Limits;

/// <summary>Registers what counts callers.</summary>
public static class LimitsRegistration
{
    /// <summary>Adds the counting of rates and of what is open: for all replicas together when <c>REDIS_URL</c> is set.</summary>
    public static IServiceCollection AddCounting(this IServiceCollection services, IConfiguration configuration)
    {
        if (RedisRegistration.UsesRedis(configuration))
        {
            services.AddRedis(configuration);
            services.AddSingleton<CountingRedis>();
            services.AddSingleton<SharedRates>();
            services.AddSingleton<SharedSlots>();
            services.AddHostedService(provider => provider.GetRequiredService<SharedSlots>());
        }

        services.AddSingleton<LocalRates>();
        services.AddSingleton(provider => new OpenSlotsFactory(provider.GetService<SharedSlots>()));
        return services.AddSingleton(provider => new RateLimits(provider.GetRequiredService<LocalRates>(), provider.GetService<SharedRates>()));
    }
}
