namespace LlmEval.Web.Access;

/// <summary>The cookie of a signed-in browser. It holds 256 random bits and nothing else; what they stand for is in the database.</summary>
internal static class SessionCookie
{
    private const string PlainName = "llmeval-session";

    // The prefix makes browsers refuse it from a subdomain, without TLS or for a part of the site: they accept it over TLS only.
    private const string SecureName = "__Host-" + PlainName;

    public static string? Read(HttpRequest request) => request.Cookies[NameFor(request)];

    public static void Set(HttpContext context, string token, DateTime expires) =>
        context.Response.Cookies.Append(NameFor(context.Request), token, OptionsFor(context.Request, expires));

    public static void Clear(HttpContext context) => context.Response.Cookies.Delete(NameFor(context.Request), OptionsFor(context.Request, null));

    private static string NameFor(HttpRequest request) => request.IsHttps ? SecureName : PlainName;

    private static CookieOptions OptionsFor(HttpRequest request, DateTime? expires) => new()
    {
        HttpOnly = true,
        Secure = request.IsHttps,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        Expires = expires,
        IsEssential = true,
    };
}
