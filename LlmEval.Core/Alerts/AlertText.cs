using System.Globalization;

namespace LlmEval.Core.Alerts;

/// <summary>Says in a sentence what an alert is about, for events and pages.</summary>
public static class AlertText
{
    public static string Message(AlertChange change)
    {
        Alert alert = change.Alert;
        string subject = alert.ModelName is { } model ? $"{alert.Name} ({model})" : alert.Name;
        string where = alert.Replica.Length == 0 ? "" : $" on {alert.Replica}";
        if (!change.IsRaised)
        {
            return $"{subject}{where} is over{(change.Value is { } now ? $": {Value(alert.Measure, now)}" : "")}.";
        }

        return alert.Measure == AlertMeasure.DatabaseAway
            ? $"{subject}{where}: the database does not answer."
            : $"{subject}{where}: {Value(alert.Measure, alert.Value)}, {Limit(alert)}.";
    }

    /// <summary>above 5%</summary>
    public static string Limit(Alert alert) => $"{(alert.WhenBelow ? "below" : "above")} {Value(alert.Measure, alert.Threshold)}";

    public static string Value(AlertMeasure measure, double value) => measure.Facts().Unit switch
    {
        AlertUnit.Percent => Number(value, "0.#") + "%",
        AlertUnit.Milliseconds => Number(value, "#,0") + " ms",
        AlertUnit.Seconds => Number(value, "#,0.#") + " s",
        AlertUnit.Dollars => "$" + Number(value, "#,0.00##"),
        _ => Number(value, "#,0.##"),
    };

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
