using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;
using LlmEval.Web.Problems;
using LlmEval.Web.Reference;

namespace LlmEval.Web.Streaming;

/// <summary>The three streams of Server-Sent Events.</summary>
public static class StreamEndpoints
{
    public static IEndpointRouteBuilder MapStreams(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/stream").Needs(Rights.Read).WithMetadata(new OpenStream()).WithTags("Streams");
        group.MapGet("/events", EventsAsync)
            .WithName("StreamEvents")
            .WithSummary("All events as they happen, resumable by Last-Event-ID.")
            .DescribesQuery([.. StreamQuery.Common, .. StreamQuery.Filters])
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .ProducesProblems(400, 503);
        group.MapGet("/traces", TracesAsync)
            .WithName("StreamTraces")
            .WithSummary("The newest traces, then trace events as they happen.")
            .DescribesQuery([.. StreamQuery.Common, .. StreamQuery.Filters, StreamQuery.Limit])
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .ProducesProblems(400, 503);
        group.MapGet("/metrics", MetricsStream.RunAsync)
            .WithName("StreamMetrics")
            .WithSummary("Figures at an interval.")
            .DescribesQuery([.. StreamQuery.Common, StreamQuery.Interval])
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .ProducesProblems(400, 503);
        return routes;
    }

    private static Task EventsAsync(HttpContext context, StreamHost host)
    {
        var query = new StreamQuery(context.Request.Query, StreamQuery.Filters);
        string clientId = query.ClientId();
        EventFilter filter = query.Filter(CurrentProject.Of(context), channel: null);
        return query.Faults.Count > 0
            ? Problem.BadRequest("The query of the stream is wrong.", query.Faults).WriteAsync(context)
            : host.RunAsync(context, StreamKind.Events, clientId, filter);
    }

    private static Task TracesAsync(HttpContext context, StreamHost host, TraceQueries traces, TimeProvider time)
    {
        var query = new StreamQuery(context.Request.Query, [.. StreamQuery.Filters, StreamQuery.Limit]);
        string clientId = query.ClientId();
        int limit = query.Number("limit", byDefault: 10, least: 0, most: 1_000);
        EventFilter filter = query.Filter(CurrentProject.Of(context), EventChannel.TraceUpdates);
        return query.Faults.Count > 0
            ? Problem.BadRequest("The query of the stream is wrong.", query.Faults).WriteAsync(context)
            : host.RunAsync(context, StreamKind.Traces, clientId, filter, ReadInitialTracesAsync);

        async Task<ReadOnlyMemory<byte>?> ReadInitialTracesAsync(StreamPosition position, CancellationToken end)
        {
            if (position is { Resumed: true, ResetReason: null })
            {
                // The events that were missed say more than a list would.
                return null;
            }

            // Read after the position was taken: a trace that comes in between is in the list and on the stream, never in neither.
            var listed = new TraceFilter { ModelNames = filter.ModelNames, Statuses = filter.Statuses };
            IReadOnlyList<TraceSummary> newest = limit == 0
                ? []
                : (await traces.ListSummariesAsync(filter.ProjectId, listed, after: null, limit, end)).Items;
            return StreamEnvelope.Encode("initial_traces", time.UtcNow(), newest, static (writer, list) =>
            {
                writer.WriteStartArray();
                foreach (TraceSummary summary in list)
                {
                    TraceEvents.WriteSummary(writer, summary);
                }

                writer.WriteEndArray();
            });
        }
    }
}
