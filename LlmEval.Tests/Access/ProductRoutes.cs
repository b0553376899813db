using System.Text.RegularExpressions;
using LlmEval.Core.Access;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Access;

/// <summary>What the running product answers to, for tests that leave nothing out.</summary>
internal static partial class ProductRoutes
{
    private const string FileOfPages = "{**path:file}";

    /// <summary>Without the files of pages, and what serves the framework's own circuits.</summary>
    public static IEnumerable<RouteEndpoint> Routes(this TestServer server) =>
        from endpoint in server.Services.GetRequiredService<IEnumerable<EndpointDataSource>>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Distinct()
        where endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.StaticAssets.StaticAssetDescriptor>() is null
        select endpoint;

    public static bool IsPage(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;

    /// <summary>As <c>GET /api/traces/{trace_id}</c>, one for each method; none for what is the framework's.</summary>
    public static IEnumerable<string> Names(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText!.TrimStart('/') is ['_', ..] or FileOfPages
            ? []
            : (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["ANY"]).Select(method => $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}");

    /// <summary>What an endpoint or a page says it needs; null when it says nothing.</summary>
    public static Rights? NeedsOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<NeedsAttribute>()?.Rights;

    /// <summary>An address of the pattern, with a number or a word where it has a parameter.</summary>
    public static string Fill(string pattern) =>
        NumberParameter().Replace(pattern, "1")
            .Replace("{id:guid}", Guid.Empty.ToString())
            .Replace("{documentName}", "v1")
            .Replace("{documentName?}", "v1")
            .Replace("{", "")
            .Replace("}", "");

    [GeneratedRegex("{[a-z]+:(int|long)}")]
    private static partial Regex NumberParameter();
}
