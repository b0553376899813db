using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Redis;

public static class RedisRegistration
{
    /// <summary>Whether <c>REDIS_URL</c> is set. Features ask here before they ask for a <see cref="RedisConnection"/>.</summary>
    public static bool UsesRedis(IConfiguration configuration) => configuration["REDIS_URL"] is { Length: > 0 };

    /// <summary>Adds the shared connection, once, when <c>REDIS_URL</c> is set.</summary>
    public static IServiceCollection AddRedis(this IServiceCollection services, IConfiguration configuration)
    {
        if (!UsesRedis(configuration) || services.Any(s => s.ServiceType == typeof(RedisConnection)))
        {
            return services;
        }

        services.AddOptions<RedisOptions>()
            .Configure(o =>
            {
                o.Url = configuration["REDIS_URL"];
                o.Password = configuration["REDIS_PASSWORD"] is { Length: > 0 } password ? password : null;
            })
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<RedisOptions>, RedisOptionsValidator>();
        services.AddSingleton<RedisConnection>();
        services.AddHostedService(provider => provider.GetRequiredService<RedisConnection>());
        return services;
    }
}
