using LlmEval.Core.Access;
using LlmEval.Core.Alerts;

namespace LlmEval.Tests.Alerts;

/// <summary>Builds rules.</summary>
internal static class SomeRule
{
    public static AlertRule Above(double threshold, AlertMeasure measure = AlertMeasure.ErrorRate, int forSeconds = 5, int project = Projects.Default) => new()
    {
        Key = Guid.CreateVersion7().ToString("N"),
        ProjectId = project,
        Name = "Too much",
        Measure = measure,
        Threshold = threshold,
        WindowSeconds = 60,
        ForSeconds = forSeconds,
        LeastSamples = 1,
    };

    public static AlertRule Below(double threshold, AlertMeasure measure = AlertMeasure.AcceptanceRate)
    {
        AlertRule rule = Above(threshold, measure);
        (rule.Name, rule.WhenBelow) = ("Too little", true);
        return rule;
    }
}
