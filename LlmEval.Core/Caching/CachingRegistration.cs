using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Redis;
using LlmEval.Core.Traces;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Caching;

public static class CachingRegistration
{
    /// <summary>Adds the cache of traces: in memory, and in Redis too when <c>REDIS_URL</c> is set.</summary>
    public static IServiceCollection AddCaching(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<CachingOptions>(configuration, "LlmEval:Caching");
        services.AddOptions<MemoryCacheOptions>().Configure<IOptions<CachingOptions>>((memory, caching) =>
            memory.SizeLimit = (long)caching.Value.MemoryMegabytes << 20);
        services.AddOptions<HybridCacheOptions>().Configure<IOptions<CachingOptions>>((hybrid, caching) =>
        {
            hybrid.MaximumPayloadBytes = TraceCache.MaxBytes;
            hybrid.DefaultEntryOptions = new HybridCacheEntryOptions
            {
                LocalCacheExpiration = TimeSpan.FromMinutes(caching.Value.MemoryMinutes),
                Expiration = TimeSpan.FromMinutes(caching.Value.RedisMinutes),
            };
        });

        if (RedisRegistration.UsesRedis(configuration))
        {
            services.AddRedis(configuration);
            services.AddSingleton<CircuitBreaker>();
            services.AddSingleton<IDistributedCache, GuardedRedisCache>();
        }

        services.AddSingleton<CacheMetrics>();
        services.AddSingleton<CacheKeys>();
        services.AddHybridCache().AddSerializer<CachedTrace, CachedTraceSerializer>();
        services.TryAddSingleton<TraceDetailQueries>();
        services.AddSingleton(provider => new TraceCache(
            provider.GetRequiredService<HybridCache>(),
            provider.GetRequiredService<TraceDetailQueries>(),
            provider.GetRequiredService<EventHub>(),
            provider.GetRequiredService<CacheKeys>(),
            provider.GetRequiredService<CacheMetrics>()));
        services.AddHostedService<TraceCacheLoop>();
        return services;
    }
}
