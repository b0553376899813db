using LlmEval.Web.Traces;

namespace LlmEval.Web.Metrics;

/// <summary>Says in words what a chart shows.</summary>
public static class ChartTexts
{
    public static string StepName(this ChartModel model) => model.StepMinutes switch
    {
        1 => "per minute",
        < 60 => $"per {model.StepMinutes} min",
        60 => "per hour",
        < 1_440 => $"per {model.StepMinutes / 60} h",
        1_440 => "per day",
        _ => $"per {model.StepMinutes / 1_440} days",
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
            _ => TraceFormat.Count((long?)value),
        };
    }
}
