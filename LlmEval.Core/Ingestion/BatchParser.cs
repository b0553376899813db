using System.Text.Json;
using LlmEval.Core.Ingestion.Parsing;

namespace LlmEval.Core.Ingestion;

/// <summary>Turns the JSON of a batch into traces, in one pass.</summary>
public static class BatchParser
{
    private const string TracesField = "traces";
    private const string SourceField = "source";

    private static readonly UInt128 TracesName = TraceFields.NameHash(TracesField);
    private static readonly UInt128 SourceName = TraceFields.NameHash(SourceField);
    private static readonly UInt128 BatchIdName = TraceFields.NameHash("batch_id");

    /// <exception cref="MalformedBodyException">The body is not JSON, not UTF-8, or has a property twice.</exception>
    public static ParsedBatch ParseBatch(ReadOnlySpan<byte> utf8, ParseContext context)
    {
        try
        {
            BodyReader body = BodyReader.Open(utf8);
            ParsedBatch batch = Read(ref body, context);
            body.Close();
            return batch;
        }
        catch (JsonException fault)
        {
            throw MalformedBodyException.From(fault);
        }
    }

    private static ParsedBatch Read(ref BodyReader body, ParseContext context)
    {
        var faults = new FaultList(null);
        if (body.Token != JsonTokenType.StartObject)
        {
            body.HashValue(out _);
            faults.AddWhole("must be a JSON object");
            return new ParsedBatch([], faults.ToList());
        }

        List<ParsedTrace>? traces = null;
        string? source = null;
        string? batchId = null;
        bool hasSource = false;
        ObjectWalk walk = body.EnterObject();
        while (body.NextMember(ref walk))
        {
            if (walk.Name == TracesName && body.Token != JsonTokenType.Null)
            {
                traces = ReadTraces(ref body, context, ref faults);
            }
            else if (walk.Name == SourceName && body.Token != JsonTokenType.Null)
            {
                hasSource = true;
                source = FieldReader.TrimmedName(ref body, SourceField, false, ref faults, out _);
            }
            else if (walk.Name == BatchIdName && body.Token != JsonTokenType.Null)
            {
                batchId = FieldReader.Name(ref body, "batch_id", ref faults, out _);
            }
            else
            {
                body.HashValue(out _);
            }
        }

        walk.Leave();
        if (traces is null)
        {
            faults.Add(TracesField, FieldReader.Required);
        }

        if (!hasSource)
        {
            faults.Add(SourceField, FieldReader.Required);
        }

        // They may have stood behind the traces.
        foreach (ParsedTrace trace in traces ?? [])
        {
            if (trace.Value is { } value)
            {
                value.Trace.Source = source;
                value.Trace.BatchId = batchId;
            }
        }

        return new ParsedBatch(traces ?? [], faults.ToList());
    }

    private static List<ParsedTrace> ReadTraces(ref BodyReader body, ParseContext context, ref FaultList faults)
    {
        var traces = new List<ParsedTrace>();
        if (body.Token != JsonTokenType.StartArray)
        {
            FieldReader.Refuse(ref body, TracesField, "must be an array of objects", ref faults);
            return traces;
        }

        int count = 0;
        for (; body.NextItem(); count++)
        {
            if (count < TraceLimits.TracesPerBatch)
            {
                traces.Add(new TraceReading(context, count).Read(ref body));
            }
            else
            {
                body.HashValue(out _);
            }
        }

        if (count is 0 or > TraceLimits.TracesPerBatch)
        {
            faults.Add(TracesField, $"must hold 1 to {TraceLimits.TracesPerBatch} traces, not {count}");
        }

        return traces;
    }
}
