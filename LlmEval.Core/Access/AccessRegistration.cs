using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Access;

public static class AccessRegistration
{
    public static IServiceCollection AddAccess(this IServiceCollection services) => services
        .AddSingleton<AccessDirectory>()
        .AddSingleton<AuditedChanges>()
        .AddSingleton<AccessChanges>()
        .AddSingleton<ApiKeys>()
        .AddSingleton<WebhookSecrets>()
        .AddSingleton<CreateProject>()
        .AddSingleton<KeyUse>()
        .AddSingleton<SessionUse>()
        .AddSingleton<Sessions>()
        .AddSingleton<Invitations>()
        .AddSingleton<Users>()
        .AddSingleton<ExternalUsers>()
        .AddSingleton<AuditLog>()
        .AddHostedService<AccessLoop>()
        .AddHostedService<KeyUseLoop>()
        .AddHostedService<SessionLoop>();
}
