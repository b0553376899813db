namespace LlmEval.Web.Metrics;

public readonly record struct ChartPoint(int Series, int At, double? Value);

/// <summary>What has to be sent so that a browser that shows one model shows another: a few points, or all of it.</summary>
/// <param name="Points">The values that differ; null when more than values does.</param>
public sealed record ChartPatch(IReadOnlyList<ChartPoint>? Points)
{
    public static ChartPatch Between(ChartModel shown, ChartModel wanted)
    {
        if (!HasSameFrame(shown, wanted))
        {
            return new ChartPatch(Points: null);
        }

        var points = new List<ChartPoint>();
        for (int s = 0; s < wanted.Series.Count; s++)
        {
            IReadOnlyList<double?> before = shown.Series[s].Values;
            IReadOnlyList<double?> after = wanted.Series[s].Values;
            for (int i = 0; i < after.Count; i++)
            {
                if (!Nullable.Equals(before[i], after[i]))
                {
                    points.Add(new ChartPoint(s, i, after[i]));
                }
            }
        }

        return new ChartPatch(points);
    }

    private static bool HasSameFrame(ChartModel a, ChartModel b) =>
        a.Kind == b.Kind && a.Unit == b.Unit && a.StepMinutes == b.StepMinutes && a.Band == b.Band
        && a.Times.SequenceEqual(b.Times)
        && a.Series.Select(s => (s.Name, s.Color)).SequenceEqual(b.Series.Select(s => (s.Name, s.Color)));
}
