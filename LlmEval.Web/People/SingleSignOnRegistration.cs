using LlmEval.Core.Primitives;
using LlmEval.Web.Access;
using LlmEval.Web.Limits;
using LlmEval.Web.Problems;
using LlmEval.Web.Shell;
using LlmEval.Web.Startup;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace LlmEval.Web.People;

internal static class SingleSignOnRegistration
{
    public const string Callback = "/signin-oidc";

    public static IServiceCollection AddSingleSignOn(this IServiceCollection services, IConfiguration configuration)
    {
        const string Section = "LlmEval:OpenIdConnect";
        services.AddSingleton<IValidateOptions<SingleSignOnOptions>, SingleSignOnOptionsValidator>();
        services.AddSettings<SingleSignOnOptions>(configuration, Section);
        if (string.IsNullOrEmpty(configuration[$"{Section}:{nameof(SingleSignOnOptions.Authority)}"]))
        {
            return services;
        }

        services.PostConfigure<AccessOptions>(access => access.RequireSignIn = true);
        services.AddSingleton<SingleSignOn>();

        // The cookie's scheme is only there because one has to be the default; nobody is signed in by it.
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie().AddOpenIdConnect();
        services.AddOptions<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme)
            .Configure<IOptions<SingleSignOnOptions>>((handler, own) => Configure(handler, own.Value));
        return services;
    }

    /// <summary>
    /// Answers what comes back from the provider. Left to itself the framework would do that before anything of ours: before the proxy's
    /// word about scheme and address is taken, without headers and limits. It comes before the paths of projects, since the provider knows one address.
    /// </summary>
    public static void UseSingleSignOn(this WebApplication app)
    {
        if (app.Services.GetService<SingleSignOn>() is null)
        {
            return;
        }

        app.UseWhen(
            context => context.Request.Path == Callback,
            callback => callback.UseMiddleware<SecurityHeaders>().UseMiddleware<ProblemMiddleware>().UseMiddleware<BodyLimit>().Use(CountAsync));
        app.UseAuthentication();
    }

    // It comes before the gate that counts everything else.
    private static async Task CountAsync(HttpContext context, RequestDelegate next) =>
        await (await context.RequestServices.GetRequiredService<CallerLimits>().TakeRequestAsync(context, caller: null) is { } problem ? problem.WriteAsync(context) : next(context));

    /// <summary>Sends the browser to the provider. By a link and not a form: the content policy lets forms go nowhere else.</summary>
    public static void MapSingleSignOn(this IEndpointRouteBuilder routes) => routes
        .MapGet("/sign-in/provider", (Delegate)SendToProviderAsync)
        .Needs(Core.Access.Rights.None)
        .WithMetadata(new CountedByAddress())
        .ExcludeFromDescription();

    private static async Task<IResult> SendToProviderAsync(HttpContext context)
    {
        if (context.RequestServices.GetService<SingleSignOn>() is not { } provider)
        {
            return Results.NotFound();
        }

        HttpRequest request = context.Request;
        string back = LocalAddress.Of($"{request.Scheme}://{request.Host}{request.PathBase}/", request.Query["return"]);
        return await provider.SendAsync(context, new Uri(back).PathAndQuery);
    }

    private static void Configure(OpenIdConnectOptions handler, SingleSignOnOptions own)
    {
        handler.Authority = own.Authority;
        handler.ClientId = own.ClientId;
        handler.ClientSecret = own.ClientSecretFile is { Length: > 0 } file ? File.ReadAllText(file).Trim() : own.ClientSecret;
        handler.RequireHttpsMetadata = !new Uri(own.Authority!).IsLoopback;
        handler.CallbackPath = Callback;

        // Addresses that we do not use, and that the framework would answer before anything of ours.
        handler.RemoteSignOutPath = handler.SignedOutCallbackPath = default;
        handler.BackchannelTimeout = TimeSpan.FromSeconds(10);
        handler.ResponseType = OpenIdConnectResponseType.Code;
        handler.UsePkce = true;

        // The other way, a form from another site, would need cookies that browsers only take over TLS.
        handler.ResponseMode = OpenIdConnectResponseMode.Query;
        handler.CorrelationCookie.SameSite = handler.NonceCookie.SameSite = SameSiteMode.Lax;
        handler.CorrelationCookie.SecurePolicy = handler.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        handler.Scope.Add("email");
        handler.MapInboundClaims = false;
        handler.GetClaimsFromUserInfoEndpoint = true;
        handler.ClaimActions.Remove("iss");
        handler.ClaimActions.MapUniqueJsonKey("email_verified", "email_verified");
        handler.SaveTokens = false;
        handler.Events.OnTicketReceived = context => context.HttpContext.RequestServices.GetRequiredService<SingleSignOn>().FinishAsync(context);
        handler.Events.OnRemoteFailure = context => context.HttpContext.RequestServices.GetRequiredService<SingleSignOn>().FailAsync(context);
    }
}
