using System.Globalization;
using LlmEval.Web.Metrics;

namespace LlmEval.Tests.Metrics;

public class FigureFormatTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(98_765, "98,765")]
    [InlineData(123_456, "123 K")]
    [InlineData(999_499, "999 K")]
    [InlineData(999_500, "1.00 M")]
    [InlineData(3_600_000_000, "3.60 B")]
    [InlineData(1_000_000_000_000_000, "1000 T")]
    public void LargeCountsAreShort(long count, string written)
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");
        (string value, string? unit) = FigureFormat.Short(count);

        Assert.Equal(written, $"{value} {unit}".TrimEnd());
    }

    [Theory]
    [InlineData("0", "$0")]
    [InlineData("0.0049", "$0.0049")]
    [InlineData("8.472", "$8.47")]
    [InlineData("1234.5", "$1,234.50")]
    [InlineData("12345.6", "$12,346")]
    public void DollarsAreAsExactAsTheyMatter(string cost, string written)
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");

        Assert.Equal(written, FigureFormat.Dollars(decimal.Parse(cost, CultureInfo.InvariantCulture)));
    }
}
