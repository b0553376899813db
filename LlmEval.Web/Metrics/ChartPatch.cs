using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmEval.Web.Metrics;

/// <param name="At">A position after the shift.</param>
public readonly record struct ChartPoint(int Series, int At, double? Value);

/// <summary>What has to be sent so that a browser that shows one model shows another: a few points, or all of it.</summary>
/// <param name="Points">The values that differ; null when more than values does.</param>
/// <param name="Times">What comes at the end when time has moved on; as many steps leave at the beginning.</param>
public sealed record ChartPatch(IReadOnlyList<ChartPoint>? Points, IReadOnlyList<long> Times)
{
    private static readonly ChartPatch All = new(Points: null, []);

    [JsonIgnore]
    public bool IsEmpty => Points is { Count: 0 } && Times.Count == 0;

    /// <summary>As the browser takes it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    public static ChartPatch Between(ChartModel shown, ChartModel wanted)
    {
        if (!HasSameFrame(shown, wanted) || FindShift(shown.Times, wanted.Times) is not { } shift)
        {
            return All;
        }

        var points = new List<ChartPoint>();
        for (int s = 0; s < wanted.Series.Count; s++)
        {
            IReadOnlyList<double?> before = shown.Series[s].Values;
            IReadOnlyList<double?> after = wanted.Series[s].Values;
            for (int i = 0; i < after.Count; i++)
            {
                double? known = i + shift < before.Count ? before[i + shift] : null;
                if (!Nullable.Equals(known, after[i]))
                {
                    points.Add(new ChartPoint(s, i, after[i]));
                }
            }
        }

        return new ChartPatch(points, [.. wanted.Times.Skip(wanted.Times.Count - shift)]);
    }

    /// <summary>By how many steps time has moved on; null when the times have another pattern, or nothing in common.</summary>
    private static int? FindShift(IReadOnlyList<long> shown, IReadOnlyList<long> wanted)
    {
        if (shown.Count != wanted.Count)
        {
            return null;
        }

        if (shown.Count == 0)
        {
            return 0;
        }

        for (int shift = 0; shift < shown.Count; shift++)
        {
            if (shown[shift] == wanted[0])
            {
                return shown.Skip(shift).SequenceEqual(wanted.Take(wanted.Count - shift)) ? shift : null;
            }
        }

        return null;
    }

    private static bool HasSameFrame(ChartModel a, ChartModel b) =>
        a.Kind == b.Kind && a.Unit == b.Unit && a.StepSeconds == b.StepSeconds && a.Band == b.Band
        && a.Series.Select(s => (s.Name, s.Color)).SequenceEqual(b.Series.Select(s => (s.Name, s.Color)));
}
