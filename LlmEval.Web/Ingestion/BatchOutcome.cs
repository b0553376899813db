using System.Text.Json;
using LlmEval.Core.Ingestion;
using LlmEval.Web.Problems;

namespace LlmEval.Web.Ingestion;

/// <summary>What became of the traces of a batch, and the answer that this makes.</summary>
internal sealed class BatchOutcome
{
    /// <summary>A hundred traces could have ten thousand faults. The first of each is always said: what is not said of, a sender takes for stored.</summary>
    private const int MaxErrors = 1_000;

    private readonly int _sent;
    private readonly List<string> _stored = [];
    private readonly List<string> _errors = [];
    private readonly bool _onlyConflicts = true;

    /// <param name="receipt">Of the traces that have a value, in order.</param>
    public BatchOutcome(IReadOnlyList<ParsedTrace> traces, IngestReceipt receipt)
    {
        _sent = traces.Count;
        int position = 0;
        for (int i = 0; i < traces.Count; i++)
        {
            if (traces[i].Value is null)
            {
                _onlyConflicts = false;
                AddErrors(traces[i]);
                continue;
            }

            switch (receipt.Outcomes[position])
            {
                case IngestOutcome.Conflict:
                    AddError($"traces[{i}]: {IntakeProblems.Conflict}", traces[i].TraceId);
                    break;
                case IngestOutcome.Refused:
                    _onlyConflicts = false;
                    AddError($"traces[{i}]: {receipt.Refusals[position] ?? "the database cannot hold this trace"}", traces[i].TraceId);
                    break;
                default:
                    _stored.Add(traces[i].Value!.Trace.TraceId);
                    break;
            }

            position++;
        }
    }

    private string Message => $"Processed {_stored.Count} of {_sent} traces";

    public Task WriteAsync(HttpContext context)
    {
        if (_stored.Count > 0)
        {
            return JsonAnswer.WriteAsync(
                context.Response, StatusCodes.Status200OK, BodyFormat.Json, this, static (json, outcome) => outcome.Write(json));
        }

        Problem problem = _onlyConflicts ? IntakeProblems.Conflicting(Message) : Problem.Invalid(_errors) with { Detail = Message };
        return (problem with { Errors = _errors, Extensions = json => WriteFigures(json, _stored) }).WriteAsync(context);
    }

    /// <summary>Into the problem of a batch that is refused as a whole.</summary>
    public static void WriteNothing(Utf8JsonWriter json) => WriteFigures(json, []);

    private void AddErrors(ParsedTrace trace)
    {
        for (int i = 0; i < trace.Faults.Count && (i == 0 || _errors.Count < MaxErrors); i++)
        {
            AddError(trace.Faults[i], trace.TraceId);
        }
    }

    private void AddError(string error, string? traceId) => _errors.Add(traceId is null ? error : $"{error} (trace_id: {traceId})");

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteBoolean("success"u8, true);
        json.WriteString("message"u8, Message);
        json.WriteNumber("processed_count"u8, _stored.Count);
        if (_errors.Count == 0)
        {
            json.WriteNull("errors"u8);
        }
        else
        {
            WriteList(json, "errors"u8, _errors);
        }

        WriteList(json, "trace_ids"u8, _stored);
        json.WriteEndObject();
    }

    private static void WriteFigures(Utf8JsonWriter json, List<string> stored)
    {
        json.WriteNumber("processed_count"u8, stored.Count);
        WriteList(json, "trace_ids"u8, stored);
    }

    private static void WriteList(Utf8JsonWriter json, ReadOnlySpan<byte> name, List<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
