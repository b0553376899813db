using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;
using LlmEval.Web.Problems;
using Microsoft.AspNetCore.Http.Features;

namespace LlmEval.Web.Traces;

/// <summary>Streams traces out of the database, oldest first, so that an import stores them in the same order.</summary>
internal static class TraceExport
{
    /// <summary>Of the form that names what is exported.</summary>
    public const int MostFormBytes = 4 * 1024 * 1024;

    private const int MostSelected = 1_000;

    // An id has at most 256 characters, each at most 12 bytes in a form.
    private static readonly FormOptions Limits = new() { ValueCountLimit = MostSelected + 10, ValueLengthLimit = 4_096, KeyLengthLimit = 64 };

    public static async Task RunAsync(HttpContext context, TraceQueries queries)
    {
        var query = new TraceListQuery(context.Request.Query, TraceListQuery.Format.Name);
        TraceFilter filter = query.Filter();
        string format = query.Choice("format", "jsonl", "jsonl", "csv", "openai-chat");
        if (query.Faults.Count > 0)
        {
            await Problem.BadRequest("The query is wrong.", query.Faults).WriteAsync(context);
            return;
        }

        await WriteAsync(context, queries, filter, format);
    }

    /// <summary>Exports the traces that a form names: too many ids for an address.</summary>
    public static async Task RunSelectionAsync(HttpContext context, TraceQueries queries)
    {
        if (!context.Request.HasFormContentType)
        {
            await Problem.BadRequest("The body must be a form with format and trace_id.").WriteAsync(context);
            return;
        }

        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(Limits, context.RequestAborted);
        }
        catch (InvalidDataException e)
        {
            await Problem.BadRequest($"The form is wrong: {e.Message}").WriteAsync(context);
            return;
        }

        string[] ids = [.. form["trace_id"].Where(id => !string.IsNullOrEmpty(id)).Select(id => id!.Replace('\0', '\uFFFD')).Distinct()];
        string format = form["format"].ToString();
        if (ids.Length is 0 or > MostSelected || format is not ("jsonl" or "csv" or "openai-chat"))
        {
            await Problem.BadRequest($"trace_id: must be given 1 to {MostSelected} times; format: must be one of jsonl, csv, openai-chat").WriteAsync(context);
            return;
        }

        await WriteAsync(context, queries, new TraceFilter { TraceIds = ids }, format);
    }

    private static async Task WriteAsync(HttpContext context, TraceQueries queries, TraceFilter filter, string format)
    {
        bool csv = format == "csv";
        HttpResponse response = context.Response;
        response.ContentType = csv ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"llmeval-{format}.{(csv ? "csv" : "jsonl")}\"";
        response.Headers.XContentTypeOptions = "nosniff";

        PipeWriter output = response.BodyWriter;
        await using var json = new Utf8JsonWriter(output, TraceJson.Options);
        bool begun = false;
        await foreach (IReadOnlyList<TraceDetail> records in queries.ExportAsync(CurrentProject.Of(context), filter, context.RequestAborted))
        {
            foreach (TraceDetail record in records)
            {
                Write(record);
                await output.PassOnAsync(context.RequestAborted);
            }

            if (output.UnflushedBytes > 0)
            {
                // Should the next read fail, the answer has begun and breaks off. Else a problem would be put behind these lines.
                await output.FlushAsync(context.RequestAborted);
            }
        }

        if (csv)
        {
            WriteHeaderOnce();
        }

        await output.FlushAsync(context.RequestAborted);

        void Write(TraceDetail record)
        {
            if (csv)
            {
                // After the first read: when that fails, the answer is still free to say so.
                WriteHeaderOnce();
                TraceCsv.Write(output, record.Trace, record.History);
                return;
            }

            json.Reset();
            if (format == "jsonl")
            {
                TraceJson.WriteExportLine(json, record.Trace, record.History);
            }
            else
            {
                WriteChat(json, record.Trace, record.History);
            }

            json.Flush();
            output.Write("\n"u8);
        }

        void WriteHeaderOnce()
        {
            if (!begun)
            {
                begun = true;
                TraceCsv.WriteHeader(output);
            }
        }
    }

    /// <summary>A line for fine-tuning: the answer as a reviewer would have had it, where one said so.</summary>
    private static void WriteChat(Utf8JsonWriter json, Trace trace, IReadOnlyList<Evaluation> history)
    {
        json.WriteStartObject();
        json.WriteStartArray("messages"u8);
        if (trace.SystemPrompt is { } system)
        {
            WriteMessage(json, "system"u8, system);
        }

        WriteMessage(json, "user"u8, trace.UserQuery);
        WriteMessage(json, "assistant"u8, TraceCsv.Corrected(history) ?? trace.AiResponse);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter json, ReadOnlySpan<byte> role, string content)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, role);
        json.WriteString("content"u8, content);
        json.WriteEndObject();
    }
}
