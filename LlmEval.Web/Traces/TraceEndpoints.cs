using System.IO.Pipelines;
using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Caching;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;
using LlmEval.Web.Amending;
using LlmEval.Web.Problems;
using LlmEval.Web.Reference;
using LlmEval.Web.Startup;

namespace LlmEval.Web.Traces;

internal static class TraceEndpoints
{
    private const string Tag = "Traces";

    /// <summary>Maps the reading of traces. Ids are any text, so the detail also takes the id from the query.</summary>
    public static IEndpointRouteBuilder MapTraces(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/traces", ListAsync)
            .Needs(Rights.Read)
            .WithName("ListTraces")
            .WithSummary("List traces, newest first")
            .WithDescription(
                "Filters: status, model_name, tag (repeatable), session_id, user_id, environment, parent_id, from, to, q (full text: words, "
                + "\"phrases\", -without, begin*), min_cost, min_response_time_ms, has_error, metadata.KEY=value. limit is at most 1000; "
                + "give next_cursor as cursor for the next page. What no index holds (metadata, tag, environment, min_cost, "
                + "min_response_time_ms, frequent words of old) is looked for a few seconds at a time: such a page may be short, even empty, and only one "
                + "without next_cursor is the last. fields=summary leaves the long texts out.")
            .WithTags(Tag)
            .DescribesQuery([.. TraceListQuery.Paging, .. TraceListQuery.Filters])
            .Produces<TraceListShape>()
            .ProducesProblems(400, 503);
        routes.MapGet("/api/traces/export", TraceExport.RunAsync)
            .Needs(Rights.Read)
            .WithMetadata(new LongWork())
            .WithName("ExportTraces")
            .WithSummary("Export traces, oldest first")
            .WithDescription("format is jsonl (lines that the import takes), csv or openai-chat. Takes the filters of the list.")
            .WithTags(Tag)
            .DescribesQuery([TraceListQuery.Format, .. TraceListQuery.Filters])
            .Produces<string>(StatusCodes.Status200OK, "application/x-ndjson", "text/csv")
            .ProducesProblems(400, 503);
        routes.MapPost("/api/traces/export", TraceExport.RunSelectionAsync)
            .Needs(Rights.Read)
            .WithMetadata(new LongWork())
            .TakesBodiesOf(TraceExport.MostFormBytes)
            .WithName("ExportSelectedTraces")
            .WithSummary("Export some traces")
            .WithDescription("Takes a form with format (jsonl, csv or openai-chat) and up to 1,000 trace_id.")
            .WithTags(Tag)
            .Accepts<IFormCollection>("application/x-www-form-urlencoded")
            .DescribesBody<ExportFormShape>("application/x-www-form-urlencoded")
            .Produces<string>(StatusCodes.Status200OK, "application/x-ndjson", "text/csv")
            .ProducesProblems(400, 413, 415, 503);
        DescribeDetail(routes.MapGet("/api/traces/{trace_id}", DetailAsync), "GetTrace");
        DescribeDetail(routes.MapGet("/api/trace", DetailAsync), "GetTraceByQuery");
        return routes;
    }

    private static async Task ListAsync(HttpContext context, TraceQueries queries)
    {
        var query = new TraceListQuery(context.Request.Query, [.. TraceListQuery.Paging.Select(p => p.Name)]);
        TraceFilter filter = query.Filter();
        int limit = query.Limit();
        Cursor? after = query.After();
        bool summaries = query.Choice("fields", "all", "all", "summary") == "summary";
        if (query.Faults.Count > 0)
        {
            await Problem.BadRequest("The query is wrong.", query.Faults).WriteAsync(context);
            return;
        }

        int project = CurrentProject.Of(context);
        if (summaries)
        {
            Page<TraceSummary> page = await queries.ListSummariesAsync(project, filter, after, limit, context.RequestAborted);
            await WriteListAsync(context, page, TraceEvents.WriteSummary);
        }
        else
        {
            Page<Trace> page = await queries.ListAsync(project, filter, after, limit, context.RequestAborted);
            await WriteListAsync(context, page, static (json, trace) => TraceJson.WriteRecord(json, trace, history: null));
        }
    }

    private static async Task DetailAsync(HttpContext context, string? trace_id, TraceCache cache)
    {
        (trace_id, Problem? problem) = NamedTrace.Read(context, trace_id);
        if (trace_id is null)
        {
            await problem!.WriteAsync(context);
            return;
        }

        TraceDetail? detail = await cache.GetAsync(CurrentProject.Of(context), trace_id, context.RequestAborted);
        if (detail is null)
        {
            await TraceState.NotFound(trace_id).WriteAsync(context);
            return;
        }

        context.Response.Headers.ETag = TraceState.ETag(detail.Trace);
        context.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, TraceJson.Options);
        TraceJson.WriteRecord(json, detail.Trace, detail.History);
    }

    private static async Task WriteListAsync<T>(HttpContext context, Page<T> page, Action<Utf8JsonWriter, T> write)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        PipeWriter output = context.Response.BodyWriter;
        await using var json = new Utf8JsonWriter(output, TraceJson.Options);
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        foreach (T item in page.Items)
        {
            write(json, item);
            json.Flush();
            await output.PassOnAsync(context.RequestAborted);
        }

        json.WriteEndArray();
        json.WriteString("next_cursor"u8, page.Next?.ToString());
        json.WriteEndObject();
    }

    private static void DescribeDetail(RouteHandlerBuilder endpoint, string name) => endpoint
        .Needs(Rights.Read)
        .WithName(name)
        .WithSummary("One trace with its history of verdicts")
        .WithTags(Tag)
        .Produces<TraceDetailShape>()
        .ProducesProblems(400, 404, 503);
}
