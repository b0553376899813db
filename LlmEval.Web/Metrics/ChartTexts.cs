using LlmEval.Web.Traces;

namespace LlmEval.Web.Metrics;

/// <summary>Says in words what a chart shows.</summary>
public static class ChartTexts
{
    public static string StepName(this ChartModel model) => (model.StepSeconds, model.StepSeconds / 60) switch
    {
        (1, _) => "per second",
        (< 60, _) => $"per {model.StepSeconds} s",
        (_, 1) => "per minute",
        (_, < 60 and var minutes) => $"per {minutes} min",
        (_, 60) => "per hour",
        (_, < 1_440 and var minutes) => $"per {minutes / 60} h",
        (_, 1_440) => "per day",
        (_, var minutes) => $"per {minutes / 1_440} days",
    };

    /// <summary>The sums of columns, or where curves stand last.</summary>
    public static string Summary(this ChartModel model) => string.Join(", ", model.Series.Select(s => $"{s.Name} {Value(model, s)}"));

    private static string Value(ChartModel model, ChartSeries series)
    {
        double? value = model.Kind == ChartKind.Columns ? series.Values.Sum() : series.Values.LastOrDefault(v => v is not null);
        return model.Unit switch
        {
            ChartUnit.Milliseconds => TraceFormat.Duration(value),
            ChartUnit.Dollars => FigureFormat.Dollars((decimal)(value ?? 0)),
            ChartUnit.Rate => FigureFormat.Rate(value),
            ChartUnit.Percent => value is { } percent ? FigureFormat.Percent(percent / 100) : TraceFormat.Nothing,
            _ => TraceFormat.Count((long?)value),
        };
    }
}
