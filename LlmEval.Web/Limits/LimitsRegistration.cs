using LlmEval.Core.Limits;
using LlmEval.Core.Primitives;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Limits;

internal static class LimitsRegistration
{
    /// <summary>A request's headers come in one go; whoever sends them slowly holds a connection.</summary>
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(15);

    public static IServiceCollection AddLimits(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddCounting(configuration);
        services.AddSettings<LimitOptions>(configuration, "LlmEval:Limits")
            .Validate(o => o.IsAtLeastABatch, "LlmEval:Limits:TracesPerMinute has to be at least 100, the size of a batch, or 0 for no limit");
        services.AddSingleton<CallerLimits>();
        services.AddSingleton<ConnectionShares>();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<LimitOptions>, ConnectionShares>((kestrel, own, shares) =>
        {
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(shares.Before));
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
            kestrel.Limits.MaxConcurrentConnections = own.Value.Connections is > 0 and var connections ? connections : null;
            kestrel.Limits.MaxConcurrentUpgradedConnections = own.Value.PageConnections is > 0 and var pages ? pages : null;
        });
        return services;
    }
}
