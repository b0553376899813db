using LlmEval.Core.Metrics;
using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;

namespace LlmEval.Web.Metrics;

/// <summary>Makes the charts of an overview.</summary>
public static class OverviewCharts
{
    /// <summary>More colours than these are no longer told apart; what is left is one series.</summary>
    public const int MostSeries = 5;

    private const string OtherColor = "--muted-series";

    public static ChartModel ByStatus(Overview overview) => new(
        ChartKind.Columns,
        ChartUnit.Count,
        Seconds(overview.BarAxis),
        Times(overview.BarAxis),
        [
            new ChartSeries("Accepted", "--mud-palette-success", [.. overview.Bars.Select(f => (double?)f.Accepted)]),
            new ChartSeries("Rejected", "--mud-palette-error", [.. overview.Bars.Select(f => (double?)f.Rejected)]),
            new ChartSeries("In review", "--mud-palette-warning", [.. overview.Bars.Select(f => (double?)f.InReview)]),
            new ChartSeries("Pending", OtherColor, [.. overview.Bars.Select(f => (double?)f.Pending)]),
        ]);

    public static ChartModel ResponseTimes(Overview overview)
    {
        Histogram[] steps = [.. overview.Steps.Select(f => Histogram.Unpack(f.Histogram))];
        return new ChartModel(
            ChartKind.Curves,
            ChartUnit.Milliseconds,
            Seconds(overview.Axis),
            Times(overview.Axis),
            [
                new ChartSeries("p50", "--c1", [.. steps.Select(h => Round(h.Quantile(.5)))]),
                new ChartSeries("p95", "--c2", [.. steps.Select(h => Round(h.Quantile(.95)))]),
                new ChartSeries("p99", "--c6", [.. steps.Select(h => Round(h.Quantile(.99)))]),
            ],
            new ChartBand(Low: 0, High: 1));
    }

    public static ChartModel CostByModel(Overview overview) =>
        ByModel(overview, ChartUnit.Dollars, f => (double)f.Cost);

    public static ChartModel TokensByModel(Overview overview) =>
        ByModel(overview, ChartUnit.Count, f => f.TokensUsed);

    public static ChartModel Verdicts(Overview overview)
    {
        var series = overview.Reviewers.Take(MostSeries).Select((r, i) => new ChartSeries(
            r.Name == VerdictCounts.Unnamed ? "No name" : r.Name, Color(i), [.. r.Given.Select(n => (double?)n)])).ToList();
        ReviewerVerdicts[] others = [.. overview.Reviewers.Skip(MostSeries)];
        if (others.Length > 0)
        {
            series.Add(new ChartSeries(
                $"{others.Length} more", OtherColor, [.. overview.VerdictAxis.Starts.Select((_, i) => (double?)others.Sum(r => r.Given[i]))]));
        }

        return new ChartModel(ChartKind.Columns, ChartUnit.Count, Seconds(overview.VerdictAxis), Times(overview.VerdictAxis), series);
    }

    private static ChartModel ByModel(Overview overview, ChartUnit unit, Func<Figures, double> read)
    {
        // The same models in the same colours in every chart: what is dear comes first, for it is what one looks for.
        ModelFigures[] models = [.. overview.Models.OrderByDescending(m => m.Period.Cost).ThenByDescending(m => m.Period.TokensUsed)];
        var series = models.Take(MostSeries)
            .Select((m, i) => new ChartSeries(m.ModelName, Color(i), [.. m.Bars.Select(f => (double?)read(f))]))
            .ToList();
        if (models.Length > MostSeries)
        {
            ModelFigures[] others = models[MostSeries..];
            series.Add(new ChartSeries(
                $"{others.Length} more", OtherColor, [.. overview.BarAxis.Starts.Select((_, i) => (double?)others.Sum(m => read(m.Bars[i])))]));
        }

        // What has nothing to show here keeps its colour for where it has.
        return new ChartModel(
            ChartKind.Columns, unit, Seconds(overview.BarAxis), Times(overview.BarAxis), [.. series.Where(s => s.Values.Any(v => v != 0))]);
    }

    private static string Color(int at) => $"--c{at + 1}";

    private static int Seconds(TimeAxis axis) => (int)axis.Step.TotalSeconds;

    private static long[] Times(TimeAxis axis) => [.. axis.Marks.Select(mark => mark.ToUnixMicroseconds() / 1_000)];

    private static double? Round(double? value) => value is { } v ? Math.Round(v, 1) : null;
}
