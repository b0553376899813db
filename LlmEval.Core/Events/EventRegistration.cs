using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LlmEval.Core.Events;

public static class EventRegistration
{
    public static IServiceCollection AddEvents(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<EventOptions>().Bind(configuration.GetSection("LlmEval:Events")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<EventHub>();
        services.AddSingleton<EventLog>();
        services.AddSingleton<EventFeed>();
        services.AddSingleton<EventPublisher>();
        services.TryAddSingleton<IEventHint, NoEventHint>();
        services.AddHostedService<EventTail>();
        services.AddHostedService<EventHeartbeat>();
        services.AddHostedService<EventTrimLoop>();
        return services;
    }
}
