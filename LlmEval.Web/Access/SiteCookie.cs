namespace LlmEval.Web.Access;

/// <summary>A cookie that no script reads and that goes to no other site.</summary>
internal sealed class SiteCookie(string name)
{
    // The prefix makes browsers refuse it from a subdomain, without TLS or for a part of the site: they accept it over TLS only.
    private readonly string _secureName = "__Host-" + name;

    public string? Read(HttpRequest request) => request.Cookies[NameFor(request)];

    public void Set(HttpContext context, string value, DateTime expires) =>
        context.Response.Cookies.Append(NameFor(context.Request), value, OptionsFor(context.Request, expires));

    public void Clear(HttpContext context) => context.Response.Cookies.Delete(NameFor(context.Request), OptionsFor(context.Request, null));

    private string NameFor(HttpRequest request) => request.IsHttps ? _secureName : name;

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
