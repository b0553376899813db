namespace LlmEval.Web.Access;

/// <summary>The cookie of a signed-in browser. It holds 256 random bits and nothing else; what they stand for is in the database.</summary>
internal static class SessionCookie
{
    public const string Name = "llmeval-session";

    private static readonly SiteCookie Cookie = new(Name);

    public static string? Read(HttpRequest request) => Cookie.Read(request);

    public static void Set(HttpContext context, string token, DateTime expires) => Cookie.Set(context, token, expires);

    public static void Clear(HttpContext context) => Cookie.Clear(context);
}
