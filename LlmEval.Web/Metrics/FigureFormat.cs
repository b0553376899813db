using System.Globalization;
using LlmEval.Web.Traces;

namespace LlmEval.Web.Metrics;

/// <summary>How headline figures are written: short, in the viewer's culture.</summary>
public static class FigureFormat
{
    /// <summary>9,876 in full, 12.3 K and 4.56 M from there.</summary>
    public static (string Value, string? Unit) Short(long count) => Math.Abs(count) switch
    {
        < 100_000 => (count.ToString("N0", CultureInfo.CurrentCulture), null),
        < 999_500 => (Three(count / 1e3), "K"),
        < 999_500_000 => (Three(count / 1e6), "M"),
        < 999_500_000_000 => (Three(count / 1e9), "B"),
        _ => (Three(count / 1e12), "T"),
    };

    public static string Dollars(decimal cost) => cost switch
    {
        0 => "$0",
        < 1 and > -1 => TraceFormat.Cost(cost),
        < 10_000 => "$" + cost.ToString("N2", CultureInfo.CurrentCulture),
        _ => "$" + cost.ToString("N0", CultureInfo.CurrentCulture),
    };

    /// <summary>0.4/s, 12/s, 3,400/s.</summary>
    public static string Rate(double? perSecond) => perSecond is { } rate
        ? rate.ToString(rate is > 0 and < 10 ? "0.0" : "N0", CultureInfo.CurrentCulture) + "/s"
        : TraceFormat.Nothing;

    /// <param name="share">0 to 1.</param>
    public static string Percent(double share) => share.ToString(share is 0 or 1 ? "P0" : "P1", CultureInfo.CurrentCulture);

    /// <summary>2.41 and s apart, so that the unit can be smaller.</summary>
    public static (string Value, string? Unit) Duration(double? milliseconds)
    {
        string text = TraceFormat.Duration(milliseconds);
        return text.Split(' ') is [var value, var unit] ? (value, unit) : (text, null);
    }

    private static string Three(double value) => value.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "0", CultureInfo.CurrentCulture);
}
