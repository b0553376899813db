using LlmEval.Web.Problems;
using Microsoft.AspNetCore.Http.Features;

namespace LlmEval.Web.Amending;

/// <summary>Which trace the address of a request names.</summary>
internal static class NamedTrace
{
    private const string Name = "trace_id";

    /// <param name="bound">What the framework found in the path or the query.</param>
    public static (string? TraceId, Problem? Problem) Read(HttpContext context, string? bound)
    {
        if (context.Request.RouteValues.ContainsKey(Name))
        {
            return (InPath(context, bound!), null);
        }

        // Two values would be bound as one, with a comma between them, and that may be the id of another trace.
        return context.Request.Query[Name].Count == 1 && !string.IsNullOrEmpty(bound)
            ? (bound, null)
            : (null, Problem.BadRequest("trace_id: is required in the query, once"));
    }

    /// <summary>Routing leaves an escaped slash as it is, and <c>a%2Fb</c> may be the id of another trace than the <c>a/b</c> that it stands for.</summary>
    private static string InPath(HttpContext context, string bound)
    {
        if (!bound.Contains("%2F", StringComparison.OrdinalIgnoreCase))
        {
            return bound;
        }

        string path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0].TrimEnd('/');
        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }
}
