namespace LlmEval.Web.Metrics;

/// <summary>A chart with the words around it. Immutable: all pages that show the same figures share one.</summary>
/// <param name="Step">How much time a point stands for.</param>
/// <param name="Label">What the chart shows, for who cannot see it.</param>
public sealed record TitledChart(string Title, string Step, string Label, ChartModel Model)
{
    /// <summary>In the culture of the caller.</summary>
    /// <param name="period">Names what it shows the figures of.</param>
    public static TitledChart Of(string title, string period, ChartModel model) =>
        new(title, model.StepName(), $"{title}, {period}: {model.Summary()}", model);
}
