using System.Text.Json;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;

namespace LlmEval.Core.Alerts;

/// <summary>Writes the <c>system_updates</c> that tell of alerts.</summary>
public static class AlertEvents
{
    public static PendingEvent Of(AlertChange change)
    {
        Alert alert = change.Alert;
        byte[] payload = EventEnvelope.Write("system_updates"u8, change.At, change, WriteData);
        return new PendingEvent(alert.ProjectId, EventAction.System, "", alert.ModelName ?? "", EvaluationStatus.Pending, PreviousStatus: null, payload);
    }

    private static void WriteData(Utf8JsonWriter writer, AlertChange change)
    {
        Alert alert = change.Alert;
        writer.WriteString("action"u8, change.IsRaised ? "alert_raised"u8 : "alert_cleared"u8);
        writer.WriteString("alert_id"u8, alert.Id);
        writer.WriteString("name"u8, alert.Name);
        writer.WriteString("message"u8, AlertText.Message(change));
        writer.WriteString("rule"u8, alert.RuleKey);
        writer.WriteString("measure"u8, alert.Measure.Facts().Name);
        writer.WriteString("unit"u8, alert.Measure.Facts().Unit.ToString().ToLowerInvariant());
        if (change.Value is { } value)
        {
            writer.WriteNumber("value"u8, Math.Round(value, 4));
        }
        else
        {
            writer.WriteNull("value"u8);
        }

        writer.WriteNumber("threshold"u8, alert.Threshold);
        writer.WriteString("condition"u8, alert.WhenBelow ? "below"u8 : "above"u8);
        writer.WriteString("model_name"u8, alert.ModelName);
        writer.WriteString("replica"u8, alert.Replica.Length == 0 ? null : alert.Replica);
        writer.WriteString("raised_at"u8, alert.RaisedAt);
        if (alert.ClearedAt is { } cleared)
        {
            writer.WriteString("cleared_at"u8, cleared);
        }
    }
}
