using System.Text.Json;
using LlmEval.Core.Ingestion;

namespace LlmEval.Web.Ingestion;

/// <summary>Counts what became of the items of an import.</summary>
internal sealed class ImportTally
{
    private const int MaxErrors = 1_000;

    private readonly List<(long Line, string? TraceId, string Message)> _errors = [];

    public long Imported { get; private set; }

    public long AlreadyThere { get; private set; }

    public long Failed { get; private set; }

    public void Add(ImportedItem item, IngestOutcome outcome, string? refusal)
    {
        switch (outcome)
        {
            case IngestOutcome.Stored:
                Imported++;
                break;
            case IngestOutcome.AlreadyStored:
                AlreadyThere++;
                break;
            case IngestOutcome.Conflict:
                Fail(item.Line, item.Trace.Trace.TraceId, IntakeProblems.Conflict);
                break;
            default:
                Fail(item.Line, item.Trace.Trace.TraceId, refusal ?? "the database cannot hold this trace");
                break;
        }
    }

    public void Fail(long line, string? traceId, string message)
    {
        Failed++;
        if (_errors.Count < MaxErrors)
        {
            _errors.Add((line, traceId, message));
        }
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteCounts(json);
        WriteErrors(json, "errors"u8);
        json.WriteEndObject();
    }

    /// <summary>Into a problem document, whose <c>errors</c> are sentences about the request.</summary>
    public void WriteSoFar(Utf8JsonWriter json)
    {
        WriteCounts(json);
        WriteErrors(json, "item_errors"u8);
    }

    private void WriteErrors(Utf8JsonWriter json, ReadOnlySpan<byte> name)
    {
        json.WriteStartArray(name);
        foreach ((long line, string? traceId, string message) in _errors)
        {
            json.WriteStartObject();
            json.WriteNumber("line"u8, line);
            json.WriteString("trace_id"u8, traceId);
            json.WriteString("message"u8, message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteCounts(Utf8JsonWriter json)
    {
        json.WriteNumber("imported"u8, Imported);
        json.WriteNumber("already_there"u8, AlreadyThere);
        json.WriteNumber("failed"u8, Failed);
    }
}

/// <summary>A trace of an import and where it stood.</summary>
internal readonly record struct ImportedItem(long Line, NewTrace Trace);
