using System.Globalization;

namespace LlmEval.Web.Shell;

/// <summary>How numbers are written for the viewer: the digits are 0 to 9 in every culture, which is all that .NET has.</summary>
internal static class ViewerCultures
{
    private const string ArabicDecimalSeparator = "\u066b";

    // Only they can have it, and to look into each of a thousand cultures takes a start its time.
    private static readonly HashSet<string> Languages = ["ar", "ars", "ckb", "fa", "ks", "lrc", "mzn", "pa", "ps", "ur", "uz"];

    public static IList<CultureInfo> All() => [.. CultureInfo.GetCultures(CultureTypes.AllCultures).Select(WithItsSigns)];

    // The signs of a culture are those that go with its own digits: 63٫7٪ is neither the one nor the other.
    private static CultureInfo WithItsSigns(CultureInfo culture)
    {
        if (!Languages.Contains(culture.Name.Split('-')[0]) || culture.NumberFormat.NumberDecimalSeparator != ArabicDecimalSeparator)
        {
            return culture;
        }

        var shown = (CultureInfo)culture.Clone();
        NumberFormatInfo numbers = shown.NumberFormat;
        (numbers.NumberDecimalSeparator, numbers.NumberGroupSeparator) = (".", ",");
        (numbers.PercentDecimalSeparator, numbers.PercentGroupSeparator, numbers.PercentSymbol) = (".", ",", "%");
        return shown;
    }
}
