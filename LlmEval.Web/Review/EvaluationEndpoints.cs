using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;
using LlmEval.Web.Amending;
using LlmEval.Web.Ingestion;
using LlmEval.Web.Problems;
using LlmEval.Web.Reference;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Review;

internal static class EvaluationEndpoints
{
    /// <summary>Maps the judging of traces.</summary>
    public static IEndpointRouteBuilder MapEvaluations(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/evaluations", SubmitAsync)
            .Needs(Rights.Evaluate)
            .WithName("SubmitEvaluation")
            .WithSummary("Judge a trace")
            .WithDescription("status is pending, in_review, accepted or rejected. Every verdict is kept; the last one stands. If-Match or expected_version guards against others' verdicts.")
            .WithTags("Review")
            .DescribesBody<EvaluationShape>(BodyFormat.Json)
            .Produces<EvaluationAnswerShape>()
            .ProducesProblems(400, 404, 409, 412, 413, 415, 422, 503);
        return routes;
    }

    private static async Task SubmitAsync(HttpContext context, SubmitDecision submit, TraceDetailQueries queries, BodyShares shares, IOptions<WebhookOptions> limits)
    {
        (int? version, Problem? problem) = IfMatch.Read(context.Request);
        Verdict? verdict = null;
        if (problem is null)
        {
            (verdict, problem) = await ReadAsync(context, limits.Value.MaxTraceBytes, shares.Of(context));
        }

        if (verdict is { ExpectedVersion: { } given } && version is { } other && other != given)
        {
            (verdict, problem) = (null, Problem.Invalid([$"expected_version: {given} and {other} are both asked for"]));
        }

        if (verdict is null)
        {
            await problem!.WriteAsync(context);
            return;
        }

        Caller caller = Caller.Of(context);
        int project = caller.ProjectId;
        if (caller.User is { } person)
        {
            // A program may judge for others; a person judges as themselves.
            verdict = verdict with { Evaluator = person.Name };
        }

        verdict = verdict with { ExpectedVersion = version ?? verdict.ExpectedVersion };
        DecisionAnswer answer = await submit.RunAsync(project, verdict, caller.ToActor(context), context.RequestAborted);
        if (answer.Outcome == ChangeOutcome.Applied)
        {
            await WriteAsync(context, answer);
            return;
        }

        problem = answer.Outcome switch
        {
            ChangeOutcome.NotFound => TraceState.NotFound(verdict.TraceId),
            ChangeOutcome.Refused => Problem.Invalid(answer.Faults),
            _ => await TraceState.ChangedAsync(IfMatch.StatusOf(version), project, verdict.TraceId, queries, context.RequestAborted),
        };
        await problem.WriteAsync(context);
    }

    private static async Task<(Verdict? Verdict, Problem? Problem)> ReadAsync(HttpContext context, int limit, IBodyRoom room)
    {
        (PooledBytes? body, Problem? problem) = await RequestBody.ReadAsync(context, limit, room);
        if (body is null)
        {
            return (null, problem);
        }

        using (body)
        {
            try
            {
                ParsedVerdict parsed = VerdictParser.Parse(body.Span);
                return parsed.Value is null ? (null, Problem.Invalid(parsed.Faults)) : (parsed.Value, null);
            }
            catch (MalformedBodyException fault)
            {
                return (null, IntakeProblems.Malformed(fault));
            }
        }
    }

    private static Task WriteAsync(HttpContext context, DecisionAnswer answer)
    {
        context.Response.Headers.ETag = TraceState.ETag(answer.Trace!);
        return JsonAnswer.WriteAsync(context.Response, StatusCodes.Status200OK, BodyFormat.Json, answer, static (json, answer) =>
        {
            json.WriteStartObject();
            json.WriteBoolean("success"u8, true);
            json.WriteString("message"u8, "Evaluation saved"u8);
            TraceState.Write(json, answer.Trace!);
            json.WritePropertyName("evaluation"u8);
            TraceState.Write(json, answer.Entry!);
            json.WriteEndObject();
        });
    }
}
