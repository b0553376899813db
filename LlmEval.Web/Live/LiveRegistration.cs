using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LlmEval.Web.Live;

public static class LiveRegistration
{
    public static IServiceCollection AddLive(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<LivePhases>();
        services.AddScoped<LiveFeeds>();
        services.AddScoped<CircuitLink>();
        services.AddScoped<CircuitHandler>(provider => provider.GetRequiredService<CircuitLink>());
        services.AddScoped<CircuitHandler, CircuitCount>();
        return services;
    }
}
