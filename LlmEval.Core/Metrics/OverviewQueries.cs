using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;

namespace LlmEval.Core.Metrics;

/// <summary>Reads the figures of a range from the rollups; no trace is touched.</summary>
public sealed class OverviewQueries(RollupQueries rollups, VerdictQueries verdicts, TimeProvider time)
{
    public async Task<Overview> ReadAsync(int projectId, OverviewRange range, CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        Figures ever = await rollups.TotalAsync(projectId, cancel);
        Figures before = await rollups.SumAsync(projectId, range.Grain, range.Before, range.From, cancel);
        (DateTime yesterday, DateTime tomorrow) = range.DaysAround();
        IReadOnlyList<RollupPoint> days = await rollups.SeriesAsync(projectId, RollupGrain.Quarter, yesterday, tomorrow, RollupRow.AllModels, cancel);
        IReadOnlyList<RollupPoint> points = await rollups.SeriesAsync(projectId, range.Grain, range.From, range.To, model: null, cancel);
        IReadOnlyList<VerdictPoint> given = await verdicts.SeriesAsync(
            projectId, RollupGrain.Quarter.Floor(range.From), range.To, cancel);

        TimeAxis axis = CurveAxis.For(range, [.. points.Where(p => p.Figures.ResponseTimes > 0).Select(p => p.Bucket)]);
        TimeAxis barAxis = TimeAxis.Cut(range.From, range.To, range.BarStep, range.Zone);
        TimeAxis verdictAxis = TimeAxis.Cut(RollupGrain.Quarter.Floor(range.From), range.To, range.VerdictStep, range.Zone);
        RollupPoint[] today = [.. days.Where(p => p.Bucket >= range.Today)];
        TimeAxis hours = TimeAxis.Cut(range.Today, RollupGrain.Hour.Floor(now).AddHours(1), TimeSpan.FromHours(1), range.Zone);
        return new Overview(
            range,
            ever,
            Sum(today),
            Cut(today, hours),
            Sum(days.Where(p => p.Bucket < range.Today && p.Bucket - yesterday <= now - range.Today)),
            Sum(points),
            before,
            axis,
            Cut(points, axis),
            barAxis,
            Cut(points, barAxis),
            [
                .. points.GroupBy(p => p.ModelName)
                    .Select(g => new ModelFigures(g.Key, Sum(g), Cut(g, barAxis)))
                    .Where(m => m.Period.Traces > 0)
                    .OrderByDescending(m => m.Period.Traces).ThenBy(m => m.ModelName, StringComparer.Ordinal),
            ],
            verdictAxis,
            [
                .. given.GroupBy(v => v.Evaluator)
                    .Select(g => Count(g, verdictAxis))
                    .OrderByDescending(r => r.Accepted + r.Rejected).ThenBy(r => r.Name, StringComparer.Ordinal),
            ]);
    }

    private static Figures[] Cut(IEnumerable<RollupPoint> points, TimeAxis axis)
    {
        var steps = new FiguresSum[axis.Starts.Count];
        foreach (RollupPoint point in points)
        {
            (steps[axis.IndexOf(point.Bucket)] ??= new FiguresSum()).Add(point.Figures);
        }

        return Array.ConvertAll(steps, sum => sum?.ToFigures() ?? new Figures());
    }

    private static Figures Sum(IEnumerable<RollupPoint> points) => FiguresSum.Of(points.Select(p => p.Figures));

    private static ReviewerVerdicts Count(IGrouping<string, VerdictPoint> given, TimeAxis axis)
    {
        long[] steps = new long[axis.Starts.Count];
        foreach (VerdictPoint point in given)
        {
            steps[axis.IndexOf(point.Quarter)] += point.Accepted + point.Rejected;
        }

        return new ReviewerVerdicts(given.Key, steps, given.Sum(v => v.Accepted), given.Sum(v => v.Rejected));
    }
}
