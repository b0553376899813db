using LlmEval.Core.Retention;

namespace LlmEval.Web.Settings;

public static class SettingsRegistration
{
    public static IServiceCollection AddSettingsPage(this IServiceCollection services) => services.AddSingleton(provider =>
        RetentionReads.From(provider.GetRequiredService<RetentionPolicies>(), provider.GetRequiredService<RetentionQueries>()));
}
