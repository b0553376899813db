using LlmEval.Core.Primitives;

namespace LlmEval.Core.Alerts;

/// <summary>When an alert is raised and when it is cleared.</summary>
public sealed class AlertRule
{
    /// <summary>Stands in place of a project where a rule is about the server.</summary>
    public const int Server = 0;

    public const int MostNameCharacters = 100;

    private const int SilentWindows = 5;

    private static readonly TimeSpan MostSilence = TimeSpan.FromMinutes(10);

    /// <summary>Unique; those that are built in have the name of their measure.</summary>
    public required string Key { get; set; }

    public int ProjectId { get; set; }
    public required string Name { get; set; }
    public AlertMeasure Measure { get; set; }

    /// <summary>Null takes every model together.</summary>
    public string? ModelName { get; set; }

    /// <summary>Over how long the measure is taken.</summary>
    public int WindowSeconds { get; set; }

    /// <summary>A fall below the threshold is bad, rather than a rise above it.</summary>
    public bool WhenBelow { get; set; }

    public double Threshold { get; set; }

    /// <summary>How long it has to be bad without a break.</summary>
    public int ForSeconds { get; set; }

    /// <summary>How long it has to be good at least; a setting for the rules that are built in, the same for all that people make.</summary>
    public int ClearForSeconds { get; init; } = 30;

    /// <summary>Requests, reads, verdicts: of fewer the rule says nothing.</summary>
    public int LeastSamples { get; set; }

    public bool IsEnabled { get; set; } = true;

    public AlertMeasureFacts Facts => Measure.Facts();

    public bool IsBuiltIn => ProjectId == Server;

    public TimeSpan Window => TimeSpan.FromSeconds(WindowSeconds);

    /// <summary>How long it has to be good without a break until the alert is cleared.</summary>
    public TimeSpan ClearFor => TimeSpan.FromSeconds(Math.Max(ClearForSeconds, ForSeconds));

    /// <summary>
    /// How long nothing can be said until what was bad counts as over: an alert is cleared, what was on the way to one is forgotten. Several
    /// windows, so that what goes wrong now and then is one alert; some minutes at most, so that none stays open when the traffic ends.
    /// </summary>
    public TimeSpan ForgetAfter => ClearFor + (SilentWindows * Window < MostSilence ? SilentWindows * Window : MostSilence);

    /// <summary>Good is on this side of it: a tenth away from the threshold, so that a value that hovers there clears nothing.</summary>
    public double ClearAt => (WhenBelow, Facts.Unit) switch
    {
        (false, _) => Threshold * .9,
        (true, AlertUnit.Percent) => Threshold + ((100 - Threshold) * .1),
        _ => Threshold * 1.1,
    };

    public bool IsBad(double? value) => value is { } v && (WhenBelow ? v < Threshold : v > Threshold);

    public bool IsGood(double? value) => value is { } v && (WhenBelow ? v >= ClearAt : v <= ClearAt);

    /// <summary>Everything that is wrong with it.</summary>
    public IReadOnlyList<AlertRuleFault> FindFaults()
    {
        var faults = new List<AlertRuleFault>();
        if (Name.Trim().Length > MostNameCharacters || !Naming.IsReadable(Name))
        {
            faults.Add(new("name", $"The name has to have 1 to {MostNameCharacters} characters, {Naming.Rule}."));
        }

        TimeSpan longest = Facts.OfProcess ? TimeSpan.FromHours(1) : TimeSpan.FromDays(7);
        TimeSpan shortest = Facts.OfProcess ? TimeSpan.FromSeconds(10) : TimeSpan.FromMinutes(1);
        if (Window < shortest || Window > longest)
        {
            faults.Add(new(
                "window_seconds",
                Facts.OfProcess ? "The window has to be between 10 seconds and an hour." : "The window has to be between a minute and 7 days."));
        }

        if (!double.IsFinite(Threshold) || Threshold is < 0 or > 1e12 || (Facts.Unit == AlertUnit.Percent && Threshold > 100))
        {
            faults.Add(new(
                "threshold", Facts.Unit == AlertUnit.Percent ? "The threshold has to be between 0 and 100." : "The threshold has to be a number, at least 0."));
        }

        if (ForSeconds is < 0 or > 86_400)
        {
            faults.Add(new("for_seconds", "How long it has to last is between nothing and a day."));
        }

        if (LeastSamples is < 0 or > 1_000_000)
        {
            faults.Add(new("least_samples", "The least number has to be between 0 and 1,000,000."));
        }

        if (Facts.OfProcess && ModelName is not null)
        {
            faults.Add(new("model_name", "This measure is of the server, not of a model."));
        }

        return faults;
    }
}
