namespace LlmEval.Web.Metrics;

/// <summary>A headline figure.</summary>
/// <param name="Color">The CSS variable of its curve.</param>
/// <param name="Curve">How it went over the range; null is a gap.</param>
public sealed record Kpi(string Title, string Value, string? Unit, string Color, IReadOnlyList<double?> Curve)
{
    /// <summary>The curve as SVG paths: the line, and the area under it.</summary>
    public (string Line, string Area) Spark { get; } = SparkPath.Of(Curve);

    /// <summary>What the curve is painted with.</summary>
    public string Paint { get; } = $"var({Color})";

    public string? Note { get; init; }
    public Trend? Trend { get; init; }

    /// <summary>Where it leads, if anywhere.</summary>
    public string? Href { get; init; }
}

/// <summary>Whether a change is for the better.</summary>
public enum TrendTone : byte
{
    Neutral,
    Good,
    Bad,
}

/// <summary>The change against another period.</summary>
/// <param name="Rising">Null when nothing changed.</param>
/// <param name="Than">What it is compared with: "than yesterday by this time".</param>
public sealed record Trend(bool? Rising, string Text, TrendTone Tone, string Than);
