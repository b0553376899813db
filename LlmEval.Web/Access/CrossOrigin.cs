using LlmEval.Core.Primitives;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Access;

/// <summary>Lets pages of other origins use the interface: those of this machine, where apps are developed, and those that are listed.</summary>
internal static class CrossOrigin
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    private static readonly string[] Sent =
    [
        "Authorization", "X-API-Key", "Content-Type", "Content-Encoding", "Last-Event-ID", "Idempotency-Key", "If-Match", "If-None-Match",
        "webhook-id", "webhook-timestamp", "webhook-signature", "X-Signature-256",
    ];

    private static readonly string[] Shown =
        ["ETag", "Retry-After", "RateLimit", "RateLimit-Policy", "WWW-Authenticate", "Content-Disposition"];

    public static IServiceCollection AddCrossOrigin(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IValidateOptions<CrossOriginOptions>, CrossOriginOptionsValidator>();
        services.AddSettings<CrossOriginOptions>(configuration, "LlmEval:CrossOrigin");
        services.AddCors();

        // Without credentials: a cookie of the dashboard is never sent along, a key has to be.
        services.AddOptions<CorsOptions>().Configure<IOptions<CrossOriginOptions>>((cors, own) => cors.AddDefaultPolicy(policy => policy
            .SetIsOriginAllowed(origin => IsAllowed(origin, own.Value.Origins))
            .WithMethods(Methods)
            .WithHeaders(Sent)
            .WithExposedHeaders(Shown)
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
        return services;
    }

    /// <summary>For requests that name an origin: the framework would keep a note with every other one too.</summary>
    public static void UseCrossOrigin(this WebApplication app) =>
        app.UseWhen(context => context.Request.Headers.Origin.Count > 0, branch => branch.UseCors());

    public static bool IsAllowed(string origin, string[] listed) =>
        listed.Contains("*") || listed.Contains(origin, StringComparer.OrdinalIgnoreCase) || IsThisMachine(origin);

    private static bool IsThisMachine(string origin) => Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && LoopbackAddress.Is(uri.Host);
}
