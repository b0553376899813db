using Microsoft.Extensions.Primitives;

namespace LlmEval.Web.Shell;

/// <summary>
/// What browsers are told about every answer. Text of traces is hostile: should it ever become markup, no script of it may run
/// and nothing may be sent elsewhere.
/// </summary>
public sealed class SecurityHeaders(RequestDelegate next)
{
    // MudBlazor writes style elements and attributes, hence the one exception.
    private static readonly StringValues Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues SameOrigin = "same-origin";
    private static readonly StringValues Deny = "DENY";
    private static readonly StringValues OneYear = "max-age=31536000";
    private static readonly StringValues NoFeatures = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";

    public Task InvokeAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = NoSniff;
        headers.XFrameOptions = Deny;
        headers["Referrer-Policy"] = SameOrigin;
        headers["Cross-Origin-Opener-Policy"] = SameOrigin;
        headers["Permissions-Policy"] = NoFeatures;
        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = OneYear;
        }

        return next(context);
    }
}
