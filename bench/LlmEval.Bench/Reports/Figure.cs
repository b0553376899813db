using System.Globalization;

namespace LlmEval.Bench.Reports;

/// <summary>How measured values are printed. What was not measured is a dash.</summary>
internal static class Figure
{
    public const string None = "–";

    public static string Rate(double value) => Format(value, "N0");

    public static string Ratio(double value) => Format(value, "0.00");

    public static string Ms(double value) => Format(value, value < 10 ? "0.00" : value < 100 ? "0.0" : "N0");

    public static string Micros(double value) => Format(value, "N0");

    public static string Cores(double value) => Format(value, "0.00");

    public static string Mb(double bytes) => Format(bytes / 1e6, "N0");

    private static string Format(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : None;
}
