using LlmEval.Core.Primitives;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Startup;

/// <summary>Takes the caller's address and scheme from the proxies that are configured, and from nobody else.</summary>
internal static class Proxies
{
    public static IServiceCollection AddProxies(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<ProxyOptions>, ProxyOptionsValidator>();
        services.AddSettings<ProxyOptions>(configuration, "LlmEval");
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<ProxyOptions>>((forwarded, own) =>
        {
            // The Host header is the proxy's to pass on; a forwarded one would be a second way to say it.
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (string proxy in own.Value.Proxies)
            {
                forwarded.KnownIPNetworks.Add(ProxyOptions.Parse(proxy)!.Value);
            }
        });
        return services;
    }

    /// <summary>With none configured the framework would believe everybody.</summary>
    public static IApplicationBuilder UseProxies(this WebApplication app) =>
        app.Services.GetRequiredService<IOptions<ProxyOptions>>().Value.Proxies.Length > 0 ? app.UseForwardedHeaders() : app;
}
