using LlmEval.Core.Primitives;
using LlmEval.Core.Redis;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Events;

public static class EventRegistration
{
    public static IServiceCollection AddEvents(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<EventOptions>(configuration, "LlmEval:Events");
        services.AddSingleton<EventHub>();
        services.AddSingleton<EventLog>();
        services.AddSingleton<EventFeed>();
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<ReaderMetrics>();
        services.AddSingleton<EventNotices>();
        if (StorageRegistration.UsesPostgres(configuration))
        {
            services.AddSingleton<ILoggedChange, PostgresLoggedChange>();
        }
        else
        {
            services.AddSingleton<ILoggedChange, SqliteLoggedChange>();
        }

        services.AddEventHint(configuration);
        services.AddHostedService<EventTail>();
        services.AddHostedService<EventHeartbeat>();
        services.AddHostedService<EventTrimLoop>();
        return services;
    }

    private static void AddEventHint(this IServiceCollection services, IConfiguration configuration)
    {
        if (RedisRegistration.UsesRedis(configuration))
        {
            services.AddRedis(configuration);
            services.AddSingleton<RedisEventHint>();
            services.AddSingleton<IEventHint>(provider => provider.GetRequiredService<RedisEventHint>());
            services.AddHostedService(provider => provider.GetRequiredService<RedisEventHint>());
        }
        else
        {
            services.AddSingleton<IEventHint, NoEventHint>();
        }
    }
}
