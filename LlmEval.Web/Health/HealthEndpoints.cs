using System.Globalization;
using System.Text.Json.Serialization;
using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Metrics;
using LlmEval.Core.Monitoring;
using LlmEval.Core.Primitives;
using LlmEval.Core.Search;
using LlmEval.Core.Storage;
using LlmEval.Web.Access;
using LlmEval.Web.Monitoring;
using LlmEval.Web.Problems;
using LlmEval.Web.Reference;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Health;

/// <summary>Whether the server works, and its headline figures.</summary>
public static class HealthEndpoints
{
    private static readonly string[] Endpoints =
        ["/webhook/trace", "/webhook/batch", "/webhook/stats", "/webhook/health", "/stream/events", "/stream/traces", "/stream/metrics"];

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("").Needs(Rights.None).WithTags("Health");
        group.MapGet("/health", HealthAsync).WithName("Health").WithSummary("Whether all parts work; 503 when the database is away.")
            .Produces<HealthReport>().Produces<HealthReport>(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/webhook/health", HealthAsync).WithName("WebhookHealth").WithSummary("The same as /health.")
            .Produces<HealthReport>().Produces<HealthReport>(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/health/live", () => Results.Text("live")).WithName("Live").WithSummary("The process answers.")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");
        group.MapGet("/health/ready", ReadyAsync).WithName("Ready").WithSummary("Requests can be served: send traffic here.")
            .Produces<string>(StatusCodes.Status200OK, "text/plain").Produces<string>(StatusCodes.Status503ServiceUnavailable, "text/plain");
        routes.MapGet("/webhook/stats", StatsAsync).Needs(Rights.Read).WithName("WebhookStats").WithSummary("How many traces there are, and how the server is doing.")
            .WithTags("Webhooks").Produces<StatsReport>().ProducesProblems(503);
        return routes;
    }

    private static async Task<IResult> HealthAsync(
        HttpContext context, StorageHealth storage, ProcessHistory history, IngestionQueue queue, AlertBoard alerts, TimeProvider time)
    {
        string? fault = (await storage.FindFaultAsync(context.RequestAborted))?.Reason;
        var components = new Dictionary<string, string> { ["database"] = fault ?? "healthy" };

        // What is looked at every few seconds anyway: this answer is for everybody, and must not cost the database a question each time.
        Dependencies? found = history.Last(PerformanceReport.Window, time.UtcNow()).Last?.Dependencies;
        if (fault is null && found?.Search is { } lag)
        {
            // A search that lags is no reason to send traffic elsewhere: it is said, and that is all.
            components["search"] = Text(lag);
        }

        components["intake"] = queue.Depth == 0 ? "healthy" : string.Create(CultureInfo.InvariantCulture, $"healthy, {queue.Depth} traces wait");
        if (found is not null)
        {
            components["events"] = found.EventsBehind == 0
                ? "healthy"
                : string.Create(CultureInfo.InvariantCulture, $"{found.EventsBehind} events ({found.EventLag.TotalSeconds:0.0} s) behind");
            if (found.RedisUp is { } up)
            {
                components["redis"] = up ? "healthy" : "Redis is not connected; everything goes on without it.";
            }
        }

        // Only those of the server: this answer is for everybody.
        string[] open = [.. alerts.Open(AlertRule.Server).Select(a => a.Alert.RuleKey).Distinct()];
        components["alerts"] = open.Length == 0 ? "healthy" : $"open: {string.Join(", ", open)}";
        return Answer(context, new HealthReport(fault is null ? "healthy" : "unhealthy", time.UtcNow(), Endpoints, components), fault is null);
    }

    private static string Text(SearchLag lag)
    {
        string state = lag.IsPaused ? "paused" : lag.IsRebuilding ? "rebuilding" : "healthy";
        return lag is { EventsBehind: 0, Skipped: 0 }
            ? state
            : string.Create(CultureInfo.InvariantCulture, $"{state}, {lag.EventsBehind} events ({lag.Behind.TotalSeconds:0.0} s) behind, {lag.Skipped} skipped");
    }

    private static async Task<IResult> ReadyAsync(HttpContext context, StorageHealth storage, AccessDirectory directory)
    {
        string? fault = (await storage.FindFaultAsync(context.RequestAborted))?.Reason;
        fault ??= directory.Known is null ? "who may do what was not read yet" : null;
        return Answer(context, fault ?? "ready", fault is null);
    }

    private static async Task<IResult> StatsAsync(
        HttpContext context, StatsQueries queries, ProcessHistory history, IOptions<MonitoringOptions> options, TimeProvider time)
    {
        Stats stats = await queries.ReadAsync(CurrentProject.Of(context), context.RequestAborted);
        var performance = PerformanceReport.Of(history.Last(PerformanceReport.Window, time.UtcNow()), options.Value.Replica);
        return WebJson.Answer(new StatsReport(stats.Total.Traces, stats.TodayTraces, stats.Unjudged, stats.At, performance));
    }

    private static IResult Answer<T>(HttpContext context, T body, bool healthy)
    {
        if (!healthy)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        int status = healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return body is string text ? Results.Text(text, statusCode: status) : WebJson.Answer(body, status);
    }
}

/// <param name="Components">By name: <c>healthy</c>, or what is wrong.</param>
public sealed record HealthReport(string Status, DateTime Timestamp, IReadOnlyList<string> Endpoints, IReadOnlyDictionary<string, string> Components);

/// <summary>The answer of <c>/webhook/stats</c>.</summary>
/// <param name="TodayTraces">Since midnight, UTC.</param>
/// <param name="PendingEvaluation">Without a verdict.</param>
/// <param name="Timestamp">When it was read.</param>
public sealed record StatsReport(
    [property: JsonPropertyName("total_traces")] long TotalTraces,
    [property: JsonPropertyName("today_traces")] long TodayTraces,
    [property: JsonPropertyName("pending_evaluation")] long PendingEvaluation,
    [property: JsonPropertyName("timestamp")] DateTime Timestamp,
    [property: JsonPropertyName("performance")] PerformanceReport Performance);
