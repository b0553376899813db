using System.Globalization;
using LlmEval.Core.Alerts;
using LlmEval.Web.Traces;

namespace LlmEval.Web.Alerts;

/// <summary>Says in words what rules are about.</summary>
public static class AlertWords
{
    public static string Condition(AlertRule rule)
    {
        AlertMeasureFacts facts = rule.Facts;
        string of = rule.ModelName is { } model ? $" of {model}" : "";
        if (rule.Measure == AlertMeasure.DatabaseAway)
        {
            return $"The database does not answer for {Length(rule.ForSeconds)}";
        }

        string over = facts.WantsSamples || !facts.OfProcess ? $" over {Length(rule.WindowSeconds)}" : "";
        string lasting = rule.ForSeconds > 0 ? $", for {Length(rule.ForSeconds)}" : "";
        string least = facts.WantsSamples && rule.LeastSamples > 1 ? $", of at least {TraceFormat.Count(rule.LeastSamples)}" : "";
        return $"{facts.Title}{of} {(rule.WhenBelow ? "below" : "above")} {AlertText.Value(rule.Measure, rule.Threshold, CultureInfo.CurrentCulture)}{over}{lasting}{least}";
    }

    /// <summary>45 s, 5 min, 2 h, 3 days.</summary>
    public static string Length(long seconds) => seconds switch
    {
        < 120 => $"{seconds} s",
        < 7_200 => $"{seconds / 60} min",
        < 172_800 => $"{seconds / 3_600} h",
        _ => $"{seconds / 86_400} days",
    };

    public static string Length(TimeSpan length) => Length((long)Math.Max(0, length.TotalSeconds));

    public static string Unit(AlertUnit unit) => unit switch
    {
        AlertUnit.Percent => "%",
        AlertUnit.Milliseconds => "ms",
        AlertUnit.Seconds => "s",
        AlertUnit.Dollars => "$",
        _ => "",
    };
}
