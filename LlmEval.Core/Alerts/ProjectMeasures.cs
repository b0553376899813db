using LlmEval.Core.Rollups;

namespace LlmEval.Core.Alerts;

/// <summary>Measures of a project's traces, from its rollups.</summary>
public sealed class ProjectMeasures(RollupQueries rollups)
{
    private static readonly TimeSpan ByMinute = TimeSpan.FromHours(24);

    /// <returns>Null when nothing can be said.</returns>
    public async Task<double?> ReadAsync(AlertRule rule, DateTime now, CancellationToken cancel)
    {
        RollupGrain grain = rule.Window <= ByMinute ? RollupGrain.Minute : RollupGrain.Quarter;
        DateTime from = grain.Floor(now - rule.Window);
        IReadOnlyList<RollupPoint> points = await rollups.SeriesAsync(
            rule.ProjectId, grain, from, now.AddTicks(1), rule.ModelName ?? RollupRow.AllModels, cancel);
        return Of(rule, FiguresSum.Of(points.Select(p => p.Figures)), now - from);
    }

    /// <param name="length">What the figures are of: figures are kept by whole steps, so that it may begin before the window does.</param>
    internal static double? Of(AlertRule rule, Figures figures, TimeSpan length)
    {
        long judged = figures.Accepted + figures.Rejected;
        return rule.Measure switch
        {
            AlertMeasure.AcceptanceRate => judged > 0 && judged >= rule.LeastSamples ? 100.0 * figures.Accepted / judged : null,
            AlertMeasure.FailedTraces => figures.Traces > 0 && figures.Traces >= rule.LeastSamples ? 100.0 * figures.Errors / figures.Traces : null,
            AlertMeasure.ResponseTime => figures.ResponseTimes > 0 && figures.ResponseTimes >= rule.LeastSamples
                ? Histogram.Unpack(figures.Histogram).Quantile(.95)
                : null,
            AlertMeasure.CostPerHour => (double)figures.Cost / length.TotalHours,
            AlertMeasure.TracesPerMinute => figures.Traces / length.TotalMinutes,
            AlertMeasure.TokensPerHour => figures.TokensUsed / length.TotalHours,
            _ => null,
        };
    }
}
