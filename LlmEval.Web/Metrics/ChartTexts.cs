using LlmEval.Web.Traces;

namespace LlmEval.Web.Metrics;

/// <summary>Says in words what a chart shows.</summary>
public static class ChartTexts
{
    public static string StepName(this ChartModel model)
    {
        if (model.StepSeconds < 60)
        {
            return model.StepSeconds == 1 ? "per second" : $"per {model.StepSeconds} s";
        }

        int minutes = model.StepSeconds / 60;
        return minutes switch
        {
            1 => "per minute",
            < 60 => $"per {minutes} min",
            60 => "per hour",
            < 1_440 => $"per {minutes / 60} h",
            1_440 => "per day",
            _ => $"per {minutes / 1_440} days",
        };
    }

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
