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
    /// <param name="culture">Of who reads it; null where programs do.</param>
    public static string Limit(Alert alert, CultureInfo? culture = null) => $"{(alert.WhenBelow ? "below" : "above")} {Value(alert.Measure, alert.Threshold, culture)}";

    /// <inheritdoc cref="Limit"/>
    public static string Value(AlertMeasure measure, double value, CultureInfo? culture = null)
    {
        string Number(string format) => value.ToString(format, culture ?? CultureInfo.InvariantCulture);
        return measure.Facts().Unit switch
        {
            AlertUnit.Percent => Number("0.#") + "%",
            AlertUnit.Milliseconds => Number("#,0") + " ms",
            AlertUnit.Seconds => Number("#,0.#") + " s",
            AlertUnit.Dollars => "$" + Number("#,0.00##"),
            _ => Number("#,0.##"),
        };
    }
}
