using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Access;

internal static class WebAccessRegistration
{
    public static IServiceCollection AddCallers(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<AccessOptions>(configuration, "LlmEval")
            .Validate(
                o => !(o.AllowAnonymous && o.RequireSignIn),
                "LlmEval:AllowAnonymous and LlmEval:RequireSignIn are both true. The first lets everybody in, the second nobody without credentials: leave one out")
            .Validate(
                o => o.AnonymousHosts.All(host => host == "*" || Uri.CheckHostName(host.Trim('[', ']')) != UriHostNameType.Unknown),
                "LlmEval:AnonymousHosts has a part that is no name of a host. It is written as llmeval.internal, without a scheme and a port; * is all")
            .Validate(o => o.AnonymousHosts.Length == 0 || o.AllowAnonymous, "LlmEval:AnonymousHosts means nothing without LlmEval:AllowAnonymous=true: leave it out");
        services.AddSingleton<IValidateOptions<SignatureOptions>, SignatureOptions.Validator>();
        services.AddOptions<SignatureOptions>().Configure(o => o.Secrets = configuration["WEBHOOK_SECRET"]).ValidateOnStart();
        services.AddSingleton<CallerFinder>();
        services.AddSingleton<SignatureCheck>();
        services.AddSingleton<StreamTokens>();
        services.AddScoped<PageCaller>();
        services.AddScoped<FindViewer>(provider => provider.GetRequiredService<PageCaller>().FindAsync);
        services.AddSingleton<RightsWatch>();
        services.AddScoped(provider =>
        {
            Project project = ProjectPath.Of(
                new Uri(provider.GetRequiredService<NavigationManager>().BaseUri), provider.GetRequiredService<AccessDirectory>().Book);
            return new PageProject(project.Id, project.Slug, project.Name);
        });
        return services;
    }
}
