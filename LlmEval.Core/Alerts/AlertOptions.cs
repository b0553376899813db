using System.ComponentModel.DataAnnotations;

namespace LlmEval.Core.Alerts;

/// <summary>Section <c>LlmEval:Alerts</c>: the rules that are built in.</summary>
public sealed class AlertOptions
{
    /// <summary>Percent of the requests to the webhooks.</summary>
    [Range(0, 100)]
    public double ErrorRatePercent { get; set; } = 5;

    /// <summary>Of the processing time's 95th percentile.</summary>
    [Range(1, 3_600_000)]
    public double ProcessingMilliseconds { get; set; } = 1_000;

    /// <summary>Percent of the reads of traces.</summary>
    [Range(0, 100)]
    public double CacheMissPercent { get; set; } = 50;

    /// <summary>Over how long they are measured.</summary>
    [Range(10, 3_600)]
    public int WindowSeconds { get; set; } = 60;

    /// <summary>Of fewer requests or reads nothing is said.</summary>
    [Range(1, 1_000_000)]
    public int LeastSamples { get; set; } = 20;

    /// <summary>How long it has to be bad without a break.</summary>
    [Range(0, 3_600)]
    public int ForSeconds { get; set; } = 5;

    /// <summary>How long it has to be good without a break.</summary>
    [Range(0, 3_600)]
    public int ClearForSeconds { get; set; } = 30;

    public IReadOnlyList<AlertRule> ToRules() =>
    [
        BuiltIn("High error rate", AlertMeasure.ErrorRate, ErrorRatePercent),
        BuiltIn("Slow processing", AlertMeasure.ProcessingTime, ProcessingMilliseconds),
        BuiltIn("Many cache misses", AlertMeasure.CacheMisses, CacheMissPercent),
        BuiltIn("Database connection issues", AlertMeasure.DatabaseAway, 0),
    ];

    private AlertRule BuiltIn(string name, AlertMeasure measure, double threshold) => new()
    {
        Key = measure.Facts().Name,
        ProjectId = AlertRule.Server,
        Name = name,
        Measure = measure,
        WindowSeconds = WindowSeconds,
        Threshold = threshold,
        ForSeconds = ForSeconds,
        ClearForSeconds = ClearForSeconds,
        LeastSamples = LeastSamples,
    };
}
