using LlmEval.Core.Ingestion;
using LlmEval.Core.Primitives;
using LlmEval.Web.Access;
using LlmEval.Web.Limits;
using LlmEval.Web.Problems;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Ingestion;

/// <summary><c>POST /webhook/batch</c>: up to 100 traces, the good ones stored even when others are not.</summary>
internal sealed class BatchWebhook(
    IngestionQueue queue, CallerLimits limits, BodyShares shares, IOptions<WebhookOptions> options, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context)
    {
        (PooledBytes? body, Problem? problem) = await RequestBody.ReadAsync(context, options.Value.MaxBatchBytes, shares.Of(context));
        ParsedBatch? batch = null;
        if (body is not null)
        {
            using (body)
            {
                (batch, problem) = Parse(body.Span, CurrentProject.Of(context));
            }
        }

        problem = await limits.TakeTracesAsync(context, batch?.Traces.Count ?? 1) ?? problem;
        if (batch is null || problem is not null)
        {
            await problem!.WriteAsync(context);
            return;
        }

        var good = new List<NewTrace>(batch.Traces.Count);
        foreach (ParsedTrace trace in batch.Traces)
        {
            if (trace.Value is { } value)
            {
                good.Add(value);
            }
        }

        IngestReceipt receipt = await queue.SubmitAsync(good, Caller.Of(context).Message, context.RequestAborted);
        await (receipt.Failure == IngestFailure.None
            ? new BatchOutcome(batch.Traces, receipt).WriteAsync(context)
            : IntakeProblems.Of(receipt.Failure).WriteAsync(context));
    }

    private (ParsedBatch? Batch, Problem? Problem) Parse(ReadOnlySpan<byte> body, int projectId)
    {
        try
        {
            ParsedBatch parsed = BatchParser.ParseBatch(body, new ParseContext(projectId, time.UtcNow(), Restore: false));
            return parsed.Faults.Count > 0
                ? (null, Problem.Invalid([.. parsed.Faults, .. parsed.Traces.SelectMany(t => t.Faults)]) with { Extensions = BatchOutcome.WriteNothing })
                : (parsed, null);
        }
        catch (MalformedBodyException fault)
        {
            return (null, IntakeProblems.Malformed(fault));
        }
    }
}
