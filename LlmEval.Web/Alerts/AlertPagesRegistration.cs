using LlmEval.Core.Alerts;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Alerts;

public static class AlertPagesRegistration
{
    public static IServiceCollection AddAlertPages(this IServiceCollection services) => services.AddSingleton(provider =>
    {
        AlertTable alerts = provider.GetRequiredService<AlertTable>();
        AlertRules rules = provider.GetRequiredService<AlertRules>();
        return new AlertReads(
            alerts.ListAsync,
            provider.GetRequiredService<TraceQueries>().ModelNamesAsync,
            rules.SaveAsync,
            rules.DeleteAsync,
            alerts.AcknowledgeAsync,
            alerts.MuteAsync);
    });
}
