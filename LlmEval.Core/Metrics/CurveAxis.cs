namespace LlmEval.Core.Metrics;

/// <summary>Cuts a range for curves: as finely as it can be drawn, and more coarsely where so little was measured that a curve would be a row of dots.</summary>
public static class CurveAxis
{
    private const int FewestSteps = 8;

    /// <summary>So many steps with a value to one gap between them make a line.</summary>
    private const int ValuesPerGap = 4;

    /// <param name="measured">When there are values to draw, within the range; in any order.</param>
    public static TimeAxis For(OverviewRange range, IReadOnlyCollection<DateTime> measured)
    {
        TimeAxis axis = TimeAxis.Cut(range.From, range.To, range.Step, range.Zone);
        foreach (TimeSpan step in TimeAxis.Steps.Where(step => step > range.Step && range.Length / step >= FewestSteps))
        {
            if (IsLine(axis, measured))
            {
                break;
            }

            axis = TimeAxis.Cut(range.From, range.To, step, range.Zone);
        }

        return axis;
    }

    private static bool IsLine(TimeAxis axis, IEnumerable<DateTime> measured)
    {
        int[] filled = [.. measured.Select(axis.IndexOf).Distinct().Order()];
        int gaps = filled.Zip(filled.Skip(1)).Count(pair => pair.Second - pair.First > 1);
        return gaps * ValuesPerGap <= filled.Length;
    }
}
