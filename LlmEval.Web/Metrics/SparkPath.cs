using System.Globalization;

namespace LlmEval.Web.Metrics;

/// <summary>Draws a curve into a box of 100 by 30.</summary>
public static class SparkPath
{
    private const double Bottom = 29;
    private const double Height = 26;

    /// <summary>SVG paths of the curve and of the area under it; both empty when there is nothing to draw. Gaps are bridged.</summary>
    public static (string Line, string Area) Of(IReadOnlyList<double?> values)
    {
        var known = values.Select((value, at) => (value, at)).Where(p => p.value is not null).Select(p => (At: (double)p.at, Value: p.value!.Value)).ToList();
        if (known.Count == 0 || values.Count < 2)
        {
            return ("", "");
        }

        if (known.Count == 1)
        {
            // As wide as its part of the time: of the rest nothing is known.
            (double at, double value) = known[0];
            known = [(Math.Max(0, at - .5), value), (Math.Min(values.Count - 1, at + .5), value)];
        }

        double low = Math.Min(0, known.Min(p => p.Value));
        double range = known.Max(p => p.Value) - low;
        string[] points = [.. known.Select(p => string.Create(
            CultureInfo.InvariantCulture,
            $"{100.0 * p.At / (values.Count - 1):0.##} {Bottom - (range == 0 ? 0 : Height * (p.Value - low) / range):0.##}"))];
        string line = "M" + string.Join('L', points);
        string first = points[0].Split(' ')[0];
        string last = points[^1].Split(' ')[0];
        return (line, $"{line}L{last} 30L{first} 30Z");
    }
}
