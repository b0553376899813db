using System.Text.Json;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;

namespace LlmEval.Core.Traces;

/// <summary>Writes and reads the events about traces.</summary>
public static class TraceEvents
{
    public static PendingEvent New(Trace trace, DateTime at) => OfTrace(EventAction.NewTrace, trace, at);

    public static PendingEvent Updated(Trace trace, DateTime at) => OfTrace(EventAction.UpdatedTrace, trace, at);

    public static PendingEvent Deleted(Trace trace, DateTime at) => OfTrace(EventAction.DeletedTrace, trace, at);

    /// <summary>Traces that were past keeping are gone: coarse, since there may be millions.</summary>
    public static PendingEvent Swept(int projectId, long count, DateTime at)
    {
        byte[] payload = EventEnvelope.Write("system_updates"u8, at, count, static (writer, swept) =>
        {
            writer.WriteString("action"u8, "swept_traces"u8);
            writer.WriteNumber("count"u8, swept);
        });
        return new PendingEvent(projectId, EventAction.SweptTraces, "", "", default, PreviousStatus: null, payload);
    }

    /// <param name="trace">As it stands after the verdict.</param>
    public static PendingEvent Evaluated(Trace trace, Evaluation verdict, DateTime at)
    {
        byte[] payload = EventEnvelope.Write("evaluation_updates"u8, at, (trace, verdict), static (writer, it) =>
        {
            writer.WriteString("trace_id"u8, it.trace.TraceId);
            writer.WriteString("status"u8, it.verdict.Status.ToWire());
            writer.WriteString("previous_status"u8, it.verdict.PreviousStatus.ToWire());
            writer.WriteString("evaluation_status"u8, it.verdict.Status.ToWire());
            writer.WriteString("model_name"u8, it.trace.ModelName);
            writer.WriteNumber("version"u8, it.trace.Version);
            writer.WriteString("evaluator"u8, it.verdict.Evaluator);
            writer.WriteString("reason"u8, it.verdict.Reason);
        });
        return new PendingEvent(
            trace.ProjectId, EventAction.Evaluated, trace.TraceId, trace.ModelName, verdict.Status, verdict.PreviousStatus, payload);
    }

    /// <summary>Writes what lists show of a trace as one JSON object.</summary>
    public static void WriteSummary(Utf8JsonWriter writer, TraceSummary summary)
    {
        writer.WriteStartObject();
        writer.WriteString("trace_id"u8, summary.TraceId);
        writer.WriteString("timestamp"u8, summary.Timestamp);
        writer.WriteString("model_name"u8, summary.ModelName);
        writer.WriteString("evaluation_status"u8, summary.Status.ToWire());
        writer.WriteNumber("version"u8, summary.Version);
        writer.WriteString("user_query"u8, summary.UserQuery);
        writer.WriteString("ai_response"u8, summary.AiResponse);
        WriteOptional(writer, "tokens_used"u8, summary.TokensUsed);
        if (summary.ResponseTimeMs is { } milliseconds)
        {
            writer.WriteNumber("response_time_ms"u8, milliseconds);
        }
        else
        {
            writer.WriteNull("response_time_ms"u8);
        }

        if (summary.Cost is { } cost)
        {
            writer.WriteNumber("cost"u8, cost);
        }
        else
        {
            writer.WriteNull("cost"u8);
        }

        writer.WriteBoolean("has_error"u8, summary.HasError);
        writer.WriteString("session_id"u8, summary.SessionId);
        writer.WriteTexts("tags"u8, summary.Tags);
        writer.WriteEndObject();
    }

    /// <summary>Reads the summary out of an event's envelope; null on events that carry none.</summary>
    public static TraceSummary? ReadSummary(ReadOnlyMemory<byte> payload)
    {
        using JsonDocument document = JsonDocument.Parse(payload);
        if (!document.RootElement.GetProperty("data"u8).TryGetProperty("summary"u8, out JsonElement s))
        {
            return null;
        }

        return new TraceSummary(
            s.GetProperty("trace_id"u8).GetString()!,
            s.GetProperty("timestamp"u8).GetDateTime(),
            s.GetProperty("model_name"u8).GetString()!,
            EvaluationStatuses.TryParse(s.GetProperty("evaluation_status"u8).GetString(), out EvaluationStatus status) ? status : default,
            s.GetProperty("version"u8).GetInt32(),
            s.GetProperty("user_query"u8).GetString()!,
            s.GetProperty("ai_response"u8).GetString()!,
            Optional(s, "tokens_used"u8, e => (long?)e.GetInt64()),
            Optional(s, "response_time_ms"u8, e => (double?)e.GetDouble()),
            Optional(s, "cost"u8, e => (decimal?)e.GetDecimal()),
            s.GetProperty("has_error"u8).GetBoolean(),
            s.GetProperty("session_id"u8).GetString(),
            Optional(s, "tags"u8, e => e.EnumerateArray().Select(tag => tag.GetString()!).ToArray()));
    }

    private static PendingEvent OfTrace(EventAction action, Trace trace, DateTime at)
    {
        byte[] payload = EventEnvelope.Write("trace_updates"u8, at, (action, trace), static (writer, it) =>
        {
            writer.WriteString("action"u8, it.action switch
            {
                EventAction.NewTrace => "new_trace"u8,
                EventAction.UpdatedTrace => "updated_trace"u8,
                _ => "deleted_trace"u8,
            });
            writer.WriteString("trace_id"u8, it.trace.TraceId);
            writer.WriteString("model_name"u8, it.trace.ModelName);
            writer.WriteString("evaluation_status"u8, it.trace.Status.ToWire());
            writer.WriteNumber("version"u8, it.trace.Version);
            if (it.action != EventAction.DeletedTrace)
            {
                writer.WritePropertyName("summary"u8);
                WriteSummary(writer, TraceSummary.Of(it.trace));
            }
        });
        return new PendingEvent(trace.ProjectId, action, trace.TraceId, trace.ModelName, trace.Status, PreviousStatus: null, payload);
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static T? Optional<T>(JsonElement parent, ReadOnlySpan<byte> name, Func<JsonElement, T> read)
    {
        JsonElement value = parent.GetProperty(name);
        return value.ValueKind == JsonValueKind.Null ? default : read(value);
    }
}
