using LlmEval.Core.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Limits;

public static class LimitsRegistration
{
    /// <summary>Adds the counting of rates: for all replicas together when <c>REDIS_URL</c> is set.</summary>
    public static IServiceCollection AddRates(this IServiceCollection services, IConfiguration configuration)
    {
        if (RedisRegistration.UsesRedis(configuration))
        {
            services.AddRedis(configuration);
            services.AddSingleton<SharedRates>();
        }

        services.AddSingleton<LocalRates>();
        return services.AddSingleton(provider => new RateLimits(provider.GetRequiredService<LocalRates>(), provider.GetService<SharedRates>()));
    }
}
