using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;
using LlmEval.Web.Ingestion;
using LlmEval.Web.Problems;
using LlmEval.Web.Reference;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Amending;

internal static class AmendingEndpoints
{
    private const string Tag = "Traces";
    private const string MergePatchJson = "application/merge-patch+json";

    private static readonly string[] Accepted = [BodyFormat.Json, MergePatchJson];

    /// <summary>Maps the changing and deleting of stored traces. Ids are any text, so each route also takes the id from the query.</summary>
    public static IEndpointRouteBuilder MapAmending(this IEndpointRouteBuilder routes)
    {
        Describe(routes.MapPatch("/api/traces/{trace_id}", AmendAsync), "AmendTrace");
        Describe(routes.MapPatch("/api/trace", AmendAsync), "AmendTraceByQuery");
        DescribeDelete(routes.MapDelete("/api/traces/{trace_id}", DeleteAsync), "DeleteTrace");
        DescribeDelete(routes.MapDelete("/api/trace", DeleteAsync), "DeleteTraceByQuery");
        return routes;
    }

    private static async Task AmendAsync(
        HttpContext context, string? trace_id, AmendTrace amend, TraceDetailQueries queries, BodyShares shares, IOptions<WebhookOptions> limits)
    {
        (trace_id, Problem? unnamed) = NamedTrace.Read(context, trace_id);
        (int? version, Problem? problem) = IfMatch.Read(context.Request);
        problem ??= unnamed;
        TracePatch? patch = null;
        if (problem is null)
        {
            (patch, problem) = await ReadAsync(context, limits.Value.MaxTraceBytes, shares.Of(context));
        }

        if (patch is null)
        {
            await problem!.WriteAsync(context);
            return;
        }

        int project = CurrentProject.Of(context);
        AmendAnswer answer = await amend.RunAsync(project, trace_id!, patch, version, Caller.Of(context).ToActor(context), context.RequestAborted);
        switch (answer.Outcome)
        {
            case ChangeOutcome.Applied:
                await WriteAsync(context, answer.Trace!);
                break;
            case ChangeOutcome.Refused:
                await Problem.Invalid(answer.Faults).WriteAsync(context);
                break;
            default:
                await NotAppliedAsync(context, answer.Outcome, trace_id!, version, queries);
                break;
        }
    }

    private static async Task DeleteAsync(HttpContext context, string? trace_id, DeleteTrace delete, TraceDetailQueries queries)
    {
        (trace_id, Problem? unnamed) = NamedTrace.Read(context, trace_id);
        (int? version, Problem? problem) = IfMatch.Read(context.Request);
        problem ??= unnamed;
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        ChangeOutcome outcome = await delete.RunAsync(
            CurrentProject.Of(context), trace_id!, version, Caller.Of(context).ToActor(context), context.RequestAborted);
        if (outcome == ChangeOutcome.Applied)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await NotAppliedAsync(context, outcome, trace_id!, version, queries);
    }

    private static async Task<(TracePatch? Patch, Problem? Problem)> ReadAsync(HttpContext context, int limit, IBodyRoom room)
    {
        (PooledBytes? body, Problem? problem) = await RequestBody.ReadAsync(context, limit, room, Accepted);
        if (body is null)
        {
            return (null, problem);
        }

        using (body)
        {
            try
            {
                return (TracePatch.Parse(body.Span), null);
            }
            catch (MalformedBodyException fault)
            {
                return (null, IntakeProblems.Malformed(fault));
            }
        }
    }

    private static Task WriteAsync(HttpContext context, Trace trace)
    {
        context.Response.Headers.ETag = TraceState.ETag(trace);
        return JsonAnswer.WriteAsync(context.Response, StatusCodes.Status200OK, BodyFormat.Json, trace, static (json, trace) =>
        {
            json.WriteStartObject();
            json.WriteBoolean("success"u8, true);
            json.WriteString("message"u8, "Trace amended"u8);
            TraceState.Write(json, trace);
            json.WriteEndObject();
        });
    }

    private static async Task NotAppliedAsync(
        HttpContext context, ChangeOutcome outcome, string traceId, int? precondition, TraceDetailQueries queries)
    {
        Problem problem = outcome == ChangeOutcome.NotFound
            ? TraceState.NotFound(traceId)
            : await TraceState.ChangedAsync(IfMatch.StatusOf(precondition), CurrentProject.Of(context), traceId, queries, context.RequestAborted);
        await problem.WriteAsync(context);
    }

    private static void Describe(RouteHandlerBuilder endpoint, string name) => endpoint
        .Needs(Rights.Evaluate)
        .WithName(name)
        .WithSummary("Change fields of a stored trace")
        .WithDescription("What is left out stays, null clears, metadata is merged (RFC 7396). The evaluation stays. If-Match or expected_version guards against others' changes.")
        .WithTags(Tag)
        .DescribesBody<TracePatchShape>(Accepted)
        .Produces<AmendedShape>()
        .ProducesProblems(400, 404, 409, 412, 413, 415, 422, 503);

    private static void DescribeDelete(RouteHandlerBuilder endpoint, string name) => endpoint
        .Needs(Rights.Admin)
        .WithName(name)
        .WithSummary("Delete a trace with its history")
        .WithDescription("It leaves the figures too. There is no way back.")
        .WithTags(Tag)
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblems(400, 404, 412, 503);
}
