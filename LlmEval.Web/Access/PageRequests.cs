using Microsoft.AspNetCore.Components.Endpoints;

namespace LlmEval.Web.Access;

/// <summary>Tells the requests of people at a browser from those of programs.</summary>
internal static class PageRequests
{
    private const string Circuits = "/_blazor";

    /// <summary>Whoever follows a link in a browser; a program does not ask for a page.</summary>
    public static bool WantsPage(this HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>What keeps an open page going.</summary>
    public static bool IsOfCircuit(this HttpRequest request) => request.Path.StartsWithSegments(Circuits);

    /// <summary>A page, or what keeps one going.</summary>
    public static bool IsOfPage(this HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null || context.Request.IsOfCircuit();
}
