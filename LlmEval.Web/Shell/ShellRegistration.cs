using System.Globalization;
using LlmEval.Core.Access;
using LlmEval.Web.Access;
using LlmEval.Web.Alerts;
using LlmEval.Web.Live;
using LlmEval.Web.Metrics;
using LlmEval.Web.Outbound;
using LlmEval.Web.Problems;
using LlmEval.Web.Review;
using LlmEval.Web.Settings;
using LlmEval.Web.Start;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Localization;

namespace LlmEval.Web.Shell;

public static class ShellRegistration
{
    /// <summary>4 KB of what was sent before is enough to compress changes by, and takes a circuit a fifth of a megabyte less than the usual 32 KB.</summary>
    private const int CompressionWindowBits = 12;

    public static IServiceCollection AddShell(this IServiceCollection services)
    {
        services.AddAntiforgery(forms => forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        services.AddRazorComponents().AddInteractiveServerComponents(circuit =>
            circuit.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(60));
        services.AddScoped<ViewerTime>();
        services.AddLive();
        services.AddOverviewPage();
        services.AddStartPage();
        services.AddSettingsPage();
        services.AddWebhookPage();
        services.AddTracePages();
        services.AddReviewPages();
        services.AddAlertPages();
        return services;
    }

    public static WebApplication MapShell(this WebApplication app)
    {
        // Components bring the services of authorization, which would put this before everything else; AccessGate has decided by now.
        app.UseAuthorization();
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use(PagesForPeopleAsync);
        app.UseWhen(IsForViewer, pages => pages.UseRequestLocalization(Localization()));
        app.UseAntiforgery();
        app.Use(FormsForPeopleAsync);

        app.MapStaticAssets().Needs(Rights.None);
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options =>
        {
            options.ContentSecurityFrameAncestorsPolicy = null; // SecurityHeaders says it.
            options.ConfigureWebSocketAcceptContext = (_, socket) =>
            {
                socket.ServerMaxWindowBits = CompressionWindowBits;
                return Task.CompletedTask;
            };
        });
        return app;
    }

    /// <summary>A person follows a link; a program that calls a path that does not exist gets no page.</summary>
    private static Task PagesForPeopleAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IStatusCodePagesFeature>() is { } pages)
        {
            pages.Enabled = HttpMethods.IsGet(context.Request.Method) && context.Request.WantsPage();
        }

        return next(context);
    }

    /// <summary>
    /// A form that was sent twice, or without the cookie that came with it, is refused without a word. Its page then tells why, or what
    /// the first sending led to.
    /// </summary>
    private static async Task FormsForPeopleAsync(HttpContext context, RequestDelegate next)
    {
        bool isOfForm = HttpMethods.IsPost(context.Request.Method) && context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;
        bool isForeign = isOfForm && context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false };
        if (!isForeign)
        {
            await next(context);
        }

        bool isRefused = isForeign || (isOfForm && context.Response is { HasStarted: false, StatusCode: StatusCodes.Status400BadRequest });
        if (!isRefused)
        {
            return;
        }

        HttpRequest request = context.Request;
        if (request.WantsPage())
        {
            QueryString query = request.Query.ContainsKey(RefusedForm.Parameter) ? request.QueryString : request.QueryString.Add(RefusedForm.Parameter, RefusedForm.Value);
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = UriHelper.BuildRelative(request.PathBase, request.Path, query);
            return;
        }

        await Problem.BadRequest(RefusedForm.Words).WriteAsync(context);
    }

    // The circuit keeps the culture of the request that opened it. The endpoints of the API stay with the invariant one.
    private static bool IsForViewer(HttpContext context) => context.IsOfPage();

    private static RequestLocalizationOptions Localization() => new()
    {
        DefaultRequestCulture = new RequestCulture("en-US"),
        SupportedCultures = ViewerCultures.All(),
        SupportedUICultures = [CultureInfo.GetCultureInfo("en")],
        RequestCultureProviders = [new AcceptLanguageHeaderRequestCultureProvider()],
    };
}
