using System.Globalization;
using System.Text.RegularExpressions;
using LlmEval.Core.Alerts;

namespace LlmEval.Web.Alerts;

/// <summary>A rule as it is being typed.</summary>
public sealed partial class RuleDraft
{
    private readonly string _key;

    private RuleDraft(string key) => _key = key;

    public bool IsNew { get; private init; }
    public string Name { get; set; } = "";
    public AlertMeasure Measure { get; private set; } = AlertMeasure.AcceptanceRate;
    public string Model { get; set; } = "";
    public bool WhenBelow { get; set; } = true;
    public string Threshold { get; set; } = "";
    public string WindowMinutes { get; set; } = "60";
    public string ForMinutes { get; set; } = "5";
    public string LeastSamples { get; set; } = "20";
    public bool IsEnabled { get; set; } = true;

    public AlertMeasureFacts Facts => Measure.Facts();

    public static RuleDraft New() => new(Guid.NewGuid().ToString("N")) { IsNew = true };

    public static RuleDraft Of(AlertRule rule) => new(rule.Key)
    {
        Name = rule.Name,
        Measure = rule.Measure,
        Model = rule.ModelName ?? "",
        WhenBelow = rule.WhenBelow,
        Threshold = Text(rule.Threshold),
        WindowMinutes = Text(rule.WindowSeconds / 60.0),
        ForMinutes = Text(rule.ForSeconds / 60.0),
        LeastSamples = Text(rule.LeastSamples),
        IsEnabled = rule.IsEnabled,
    };

    /// <summary>Another measure is mostly bad in its own direction, and may be of no model.</summary>
    public void Choose(AlertMeasure measure)
    {
        Measure = measure;
        WhenBelow = Facts.UsuallyBelow;
        Model = Facts.OfProcess ? "" : Model;
    }

    /// <returns>Null when it has faults.</returns>
    public AlertRule? ToRule(int projectId, out IReadOnlyList<string> faults)
    {
        var found = new List<string>();
        double threshold = Read(Threshold, "The threshold", found);
        double window = 60 * Read(WindowMinutes, "The window", found);
        double lasting = 60 * Read(ForMinutes, "How long it has to last", found);
        double least = Facts.WantsSamples ? Read(LeastSamples, "The least number", found) : 0;
        faults = found;
        if (found.Count > 0)
        {
            return null;
        }

        var rule = new AlertRule
        {
            Key = _key,
            ProjectId = projectId,
            Name = Name.Trim(),
            Measure = Measure,
            ModelName = Model.Trim() is { Length: > 0 } model ? model : null,
            WhenBelow = WhenBelow,
            Threshold = threshold,
            WindowSeconds = Whole(window),
            ForSeconds = Whole(lasting),
            LeastSamples = Whole(least),
            IsEnabled = IsEnabled,
        };
        faults = [.. RuleTexts.FindFaults(rule).Select(f => f.Text)];
        return faults.Count > 0 ? null : rule;
    }

    private static int Whole(double value) => (int)Math.Clamp(Math.Round(value), int.MinValue, int.MaxValue);

    // As the fields show them, and as most people's keyboards write them.
    private static double Read(string text, string what, List<string> faults)
    {
        if (Ambiguous().IsMatch(text))
        {
            faults.Add($"{what}: a comma before three digits can be read in two ways. Write 1000, or 1.0.");
            return 0;
        }

        if (double.TryParse(text.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value))
        {
            return value;
        }

        faults.Add($"{what} has to be a number.");
        return 0;
    }

    [GeneratedRegex(@"^\s*\d{1,3}(,\d{3})+\s*$")]
    private static partial Regex Ambiguous();

    private static string Text(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
