namespace LlmEval.Web.Access;

/// <summary>Whether a browser made a request from one of our own pages (ASVS 3.5.1, 4.4.2).</summary>
internal static class SameOrigin
{
    /// <returns>True also for what no browser sent: those always say their origin where it matters.</returns>
    public static bool IsOrUnsaid(HttpRequest request)
    {
        string? site = request.Headers["Sec-Fetch-Site"];
        if (site is not null && site is not ("same-origin" or "none"))
        {
            return false;
        }

        string? origin = request.Headers.Origin;
        return origin is null
            || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
