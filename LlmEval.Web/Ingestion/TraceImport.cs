using LlmEval.Core.Ingestion;
using LlmEval.Core.Primitives;
using LlmEval.Web.Access;
using LlmEval.Web.Limits;
using LlmEval.Web.Problems;
using LlmEval.Web.Queries;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Ingestion;

/// <summary>
/// <c>POST /api/traces/import</c>: JSON Lines or a JSON array of any length, read as a stream and stored through the same intake
/// as everything else. A bad item is counted and passed over.
/// </summary>
internal sealed class TraceImport(IngestionQueue queue, CallerLimits limits, BodyBudget budget, BodyShares shares, IOptions<WebhookOptions> options, TimeProvider time)
{
    public static readonly string[] MediaTypes = ["application/x-ndjson", "application/jsonl", BodyFormat.Json];

    public async Task HandleAsync(HttpContext context)
    {
        // Whoever asks for a trial run, say, wants nothing stored.
        var query = new QueryReader(context.Request.Query);
        query.FaultUnknown();
        if (query.Faults.Count > 0)
        {
            await Problem.BadRequest("The query is wrong.", query.Faults).WriteAsync(context);
            return;
        }

        if (BodyFormat.Check(context.Request, MediaTypes, out string mediaType, out bool gzip) is { } unsupported)
        {
            await unsupported.WriteAsync(context);
            return;
        }

        var tally = new ImportTally();
        bool restore = ImportRights.MayRestore(context);
        using Stream? unpacked = gzip ? new CheckedGzipStream(context.Request.Body) : null;
        using var items = new ItemReader(
            unpacked ?? context.Request.Body,
            mediaType == BodyFormat.Json ? new ArraySplitter() : new LineSplitter(),
            restore ? options.Value.MaxRestoredItemBytes : options.Value.MaxImportItemBytes,
            restore ? budget : shares.Of(context));
        Problem? problem = await ImportAsync(context, items, tally, restore);
        await (problem is null
            ? JsonAnswer.WriteAsync(
                context.Response, StatusCodes.Status200OK, BodyFormat.Json, tally, static (json, counted) => counted.Write(json))
            : (problem with { Extensions = tally.WriteSoFar }).WriteAsync(context));
    }

    /// <returns>Why it ended early, if it did.</returns>
    private async Task<Problem?> ImportAsync(HttpContext context, ItemReader items, ImportTally tally, bool restore)
    {
        CancellationToken cancel = context.RequestAborted;
        int projectId = CurrentProject.Of(context);
        var pipeline = new ImportPipeline(queue, count => limits.PaceAsync(context, count), time, tally);
        IngestFailure failure = IngestFailure.None;
        Problem? broken = null;
        try
        {
            while (failure == IngestFailure.None && await items.NextAsync(cancel))
            {
                if (Parse(items, tally, projectId, restore) is { } trace)
                {
                    failure = await pipeline.AddAsync(new ImportedItem(items.Number, trace), cancel);
                }
            }
        }
        catch (InvalidDataException fault)
        {
            broken = Problem.BadRequest($"The body cannot be read on after item {items.Number}: {fault.Message}.");
        }
        catch (BodyBudgetException)
        {
            broken = RequestBody.NoRoom();
        }
        catch (BadHttpRequestException fault)
        {
            broken = RequestBody.Unreadable(fault);
        }

        if (failure is IngestFailure.None)
        {
            failure = await pipeline.FinishAsync(cancel);
        }
        else
        {
            await pipeline.AbandonAsync();
        }

        Problem? problem = failure == IngestFailure.None ? broken : IntakeProblems.Of(failure);
        if (problem is null)
        {
            return null;
        }

        string soFar = $"{tally.Imported} traces were imported and {tally.AlreadyThere} were there already; the same import again is safe.";
        return problem with { Detail = $"{problem.Detail} {soFar}" };
    }

    private NewTrace? Parse(ItemReader items, ImportTally tally, int projectId, bool restore)
    {
        if (items.IsTooLong)
        {
            tally.Fail(items.Number, null, $"is larger than {items.MaxItem} bytes");
            return null;
        }

        if (!items.Item.ContainsAnyExcept(" \t\r\n"u8))
        {
            return null;
        }

        try
        {
            ParsedTrace parsed = TraceParser.ParseTrace(items.Item, new ParseContext(projectId, time.UtcNow(), restore));
            if (parsed.Value is null)
            {
                tally.Fail(items.Number, parsed.TraceId, string.Join("; ", parsed.Faults));
            }

            return parsed.Value;
        }
        catch (MalformedBodyException fault)
        {
            tally.Fail(items.Number, null, fault.Message);
            return null;
        }
    }
}
