using LlmEval.Core.Retention;
using LlmEval.Web.Access;

namespace LlmEval.Web.Settings;

public static class SettingsRegistration
{
    public static IServiceCollection AddSettingsPage(this IServiceCollection services) => services.AddScoped(provider =>
        RetentionReads.From(
            provider.GetRequiredService<RetentionPolicies>(),
            provider.GetRequiredService<RetentionQueries>(),
            provider.GetRequiredService<PageProject>(),
            provider.GetRequiredService<PageCaller>()));
}
