using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmEval.Web.Metrics;

/// <summary>How a chart is drawn.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChartKind>))]
public enum ChartKind : byte
{
    /// <summary>Stacked, one column a step.</summary>
    Columns,
    Curves,
}

/// <summary>How values are written.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChartUnit>))]
public enum ChartUnit : byte
{
    Count,
    Milliseconds,
    Dollars,

    /// <summary>A number a second.</summary>
    Rate,

    /// <summary>0 to 100.</summary>
    Percent,
}

/// <param name="Color">The name of a CSS variable: the browser knows its value in each theme.</param>
/// <param name="Values">One for each time; null is a gap.</param>
public sealed record ChartSeries(string Name, string Color, IReadOnlyList<double?> Values)
{
    /// <summary>The style of what stands for it in a legend.</summary>
    [JsonIgnore]
    public string Swatch { get; } = $"background:var({Color})";
}

/// <summary>The positions of two series; the space between them is tinted.</summary>
public sealed record ChartBand(int Low, int High);

/// <summary>All that a chart shows.</summary>
/// <param name="StepSeconds">How much time one point stands for.</param>
/// <param name="Times">The beginning of each step, in milliseconds since 1970.</param>
public sealed record ChartModel(
    ChartKind Kind,
    ChartUnit Unit,
    int StepSeconds,
    IReadOnlyList<long> Times,
    IReadOnlyList<ChartSeries> Series,
    ChartBand? Band = null)
{
    /// <summary>There is nothing to draw. No share of anything is nothing; a share of 0 says something.</summary>
    [JsonIgnore]
    public bool IsEmpty => !Series.Any(s => s.Values.Any(v => v is { } value && (value != 0 || Unit == ChartUnit.Percent)));

    /// <summary>
    /// As the browser takes it: written once for all who see it. As an object every circuit would write it anew, and keep for itself what it
    /// knows of the type.
    /// </summary>
    [JsonIgnore]
    public string Json => field ??= JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
