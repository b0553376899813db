using System.Buffers;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.WebUtilities;

namespace LlmEval.Web.SingleTrace;

/// <summary>How the page shows the texts of a trace.</summary>
public enum TraceView : byte
{
    Conversation,
    Raw,
    Json,
}

/// <summary>
/// What of a trace's page stands in its URL: the trace, how it is shown, and the list that it was opened from, where its neighbours
/// are. Ids are any text; what a path cannot hold stands in the query.
/// </summary>
public sealed record TraceAddress(string TraceId)
{
    /// <summary>The page of any trace; the id stands in the query.</summary>
    public const string QueryPath = "trace";

    public const string IdName = "trace_id";

    private const string ViewName = "view";

    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~:@.");

    public TraceView View { get; init; }

    /// <summary>The list that it was opened from.</summary>
    public TracesAddress List { get; init; } = new();

    /// <param name="routeId">The id, when it stands in the path.</param>
    public static TraceAddress Parse(string url, string? routeId)
    {
        int at = url.IndexOf('?', StringComparison.Ordinal);
        Dictionary<string, Microsoft.Extensions.Primitives.StringValues> query = QueryHelpers.ParseQuery(at < 0 ? "" : url[at..].Split('#')[0]);
        return new TraceAddress(routeId ?? query.GetValueOrDefault(IdName).ToString())
        {
            View = query.GetValueOrDefault(ViewName).ToString() switch { "raw" => TraceView.Raw, "json" => TraceView.Json, _ => TraceView.Conversation },
            List = TracesAddress.Parse(url) with { TraceId = null },
        };
    }

    /// <summary>The address to hand to somebody else.</summary>
    public TraceAddress Alone => new(TraceId);

    /// <summary>Relative to the base of the site.</summary>
    public override string ToString()
    {
        bool inPath = !TraceId.AsSpan().ContainsAnyExcept(Plain) && TraceId is not ("" or "." or "..");
        string path = inPath ? $"{TracesAddress.Path}/{TraceId}" : $"{QueryPath}?{IdName}={Uri.EscapeDataString(TraceId)}";
        string view = View switch { TraceView.Raw => "raw", TraceView.Json => "json", _ => "" };
        string query = (List with { TraceId = null }).Query;
        if (view.Length > 0)
        {
            query += $"{(query.Length == 0 ? '?' : '&')}{ViewName}={view}";
        }

        return inPath || query.Length == 0 ? path + query : $"{path}&{query[1..]}";
    }
}
