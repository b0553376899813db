using System.Text.Encodings.Web;
using System.Text.Json;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;

namespace LlmEval.Core.Alerts;

/// <summary>Writes the <c>system_updates</c> that tell of alerts.</summary>
public static class AlertEvents
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static PendingEvent Of(AlertChange change)
    {
        Alert alert = change.Alert;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("event"u8, "system_updates"u8);
            writer.WriteStartObject("data"u8);
            writer.WriteString("action"u8, change.IsRaised ? "alert_raised"u8 : "alert_cleared"u8);
            writer.WriteString("alert_id"u8, alert.Id);
            writer.WriteString("name"u8, alert.Name);
            writer.WriteString("message"u8, AlertText.Message(change));
            writer.WriteString("rule"u8, alert.RuleKey);
            writer.WriteString("measure"u8, alert.Measure.Facts().Name);
            writer.WriteString("unit"u8, alert.Measure.Facts().Unit.ToString().ToLowerInvariant());
            WriteNumber(writer, "value"u8, change.Value);
            writer.WriteNumber("threshold"u8, alert.Threshold);
            writer.WriteString("condition"u8, alert.WhenBelow ? "below"u8 : "above"u8);
            WriteText(writer, "model_name"u8, alert.ModelName);
            WriteText(writer, "replica"u8, alert.Replica.Length == 0 ? null : alert.Replica);
            writer.WriteString("raised_at"u8, alert.RaisedAt);
            if (alert.ClearedAt is { } cleared)
            {
                writer.WriteString("cleared_at"u8, cleared);
            }

            writer.WriteEndObject();
            writer.WriteString("timestamp"u8, change.At);
            writer.WriteEndObject();
        }

        string payload = System.Text.Encoding.UTF8.GetString(buffer.ToArray());
        return new PendingEvent(alert.ProjectId, EventAction.System, "", alert.ModelName ?? "", EvaluationStatus.Pending, PreviousStatus: null, payload);
    }

    private static void WriteNumber(Utf8JsonWriter writer, ReadOnlySpan<byte> name, double? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, Math.Round(number, 4));
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
        {
            writer.WriteNull(name);
        }
        else
        {
            writer.WriteString(name, value);
        }
    }
}
