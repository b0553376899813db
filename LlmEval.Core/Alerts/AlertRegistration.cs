using LlmEval.Core.Primitives;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Alerts;

public static class AlertRegistration
{
    public static IServiceCollection AddAlerts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<AlertOptions>(configuration, "LlmEval:Alerts");
        services.AddSingleton<AlertBoard>();
        services.AddSingleton<AlertTable>();
        services.AddSingleton<AlertRules>();
        services.AddSingleton<AlertOutbox>();
        services.AddSingleton<AlertLease>();
        services.AddSingleton<ProjectMeasures>();
        services.AddHostedService<ProcessAlertLoop>();
        services.AddHostedService<ProjectAlertLoop>();
        services.AddHostedService<AlertWriter>();
        return services;
    }
}
