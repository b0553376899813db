using LlmEval.Core.Primitives;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Monitoring;

public static class MonitoringRegistration
{
    /// <summary>Adds what measures the process itself.</summary>
    public static IServiceCollection AddProcessHistory(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<MonitoringOptions>(configuration, "LlmEval:Monitoring");
        services.AddSingleton<DependencyProbe>();
        services.AddSingleton<ProcessHistory>();
        services.AddHostedService(provider => provider.GetRequiredService<DependencyProbe>());
        services.AddHostedService<ProcessSampler>();
        return services;
    }
}
