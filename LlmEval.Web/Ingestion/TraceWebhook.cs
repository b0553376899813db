using System.Text.Json;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Primitives;
using LlmEval.Web.Access;
using LlmEval.Web.Limits;
using LlmEval.Web.Problems;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Ingestion;

/// <summary><c>POST /webhook/trace</c>: one trace, answered after the commit that holds it.</summary>
internal sealed class TraceWebhook(
    IngestionQueue queue, CallerLimits limits, BodyShares shares, IOptions<WebhookOptions> options, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        (PooledBytes? body, Problem? problem) = await RequestBody.ReadAsync(context, options.Value.MaxTraceBytes, shares.Of(context));
        NewTrace? trace = null;
        using (body)
        {
            // Also one that was refused: reading it was work.
            problem = await limits.TakeTracesAsync(context, 1) ?? problem;
            if (body is not null && problem is null)
            {
                (trace, problem) = Parse(body.Span, CurrentProject.Of(context));
            }
        }

        if (trace is not null)
        {
            problem = ProblemOf(await queue.SubmitAsync([trace], Caller.Of(context).Message, context.RequestAborted), trace.Trace.TraceId);
        }

        await (problem is not null
            ? problem.WriteAsync(context)
            : JsonAnswer.WriteAsync(context.Response, StatusCodes.Status200OK, BodyFormat.Json, trace!.Trace.TraceId, WriteStored));
    }

    private (NewTrace? Trace, Problem? Problem) Parse(ReadOnlySpan<byte> body, int projectId)
    {
        try
        {
            ParsedTrace parsed = TraceParser.ParseTrace(body, new ParseContext(projectId, time.UtcNow(), Restore: false));
            return parsed.Value is null ? (null, Problem.Invalid(parsed.Faults)) : (parsed.Value, null);
        }
        catch (MalformedBodyException fault)
        {
            return (null, IntakeProblems.Malformed(fault));
        }
    }

    private static Problem? ProblemOf(IngestReceipt receipt, string traceId)
    {
        if (receipt.Failure != IngestFailure.None)
        {
            return IntakeProblems.Of(receipt.Failure);
        }

        return receipt.Outcomes[0] switch
        {
            IngestOutcome.Conflict => IntakeProblems.Conflicting($"The trace_id \"{traceId}\" {IntakeProblems.Conflict}."),
            IngestOutcome.Refused => Problem.Invalid([receipt.Refusals[0] ?? "the database cannot hold this trace"]),
            _ => null,
        };
    }

    private static void WriteStored(Utf8JsonWriter json, string traceId)
    {
        json.WriteStartObject();
        json.WriteBoolean("success"u8, true);
        json.WriteString("message"u8, "Trace received and processed successfully"u8);
        json.WriteStartArray("trace_ids"u8);
        json.WriteStringValue(traceId);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
