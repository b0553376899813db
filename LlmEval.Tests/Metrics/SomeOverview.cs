using LlmEval.Core.Metrics;
using LlmEval.Core.Rollups;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Metrics;

/// <summary>Overviews of the last 15 minutes before <see cref="SomeTrace.Now"/>.</summary>
internal static class SomeOverview
{
    public static readonly OverviewRange Range = OverviewRange.Last(TimeSpan.FromMinutes(15), SomeTrace.Now, TimeZoneInfo.Utc);

    /// <param name="models">All that happened to them happened in the last minute.</param>
    public static Overview Of(params ReadOnlySpan<(string Name, Figures Figures)> models)
    {
        TimeAxis axis = TimeAxis.Cut(Range.From, Range.To, Range.Step, Range.Zone);
        var all = new FiguresSum();
        var rows = new List<ModelFigures>();
        foreach ((string name, Figures figures) in models)
        {
            all.Add(figures);
            rows.Add(new ModelFigures(name, figures, InLastStep(axis, figures)));
        }

        Figures sum = all.ToFigures();
        TimeAxis verdicts = TimeAxis.Cut(RollupGrain.Quarter.Floor(Range.From), Range.To, Range.VerdictStep, Range.Zone);
        return new Overview(
            Range, sum, sum, [sum], new Figures(), sum, new Figures(), axis, InLastStep(axis, sum), axis, InLastStep(axis, sum), rows, verdicts, []);
    }

    public static Figures Judged(long accepted, long rejected, long pending = 0, decimal cost = 0, params double[] milliseconds)
    {
        var histogram = new Histogram();
        foreach (double ms in milliseconds)
        {
            histogram.Add(ms, 1);
        }

        return new Figures { Accepted = accepted, Rejected = rejected, Pending = pending, Cost = cost, Histogram = histogram.Pack() };
    }

    private static Figures[] InLastStep(TimeAxis axis, Figures figures) =>
        [.. Enumerable.Repeat(new Figures(), axis.Starts.Count - 1), figures];
}
