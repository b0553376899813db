using System.Globalization;
using LlmEval.Web.Traces;

namespace LlmEval.Tests.Traces;

public sealed class TraceFormatTests : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public TraceFormatTests() => CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");

    [Theory]
    [InlineData(null, "–")]
    [InlineData(0d, "0 ms")]
    [InlineData(841.6, "842 ms")]
    [InlineData(999.7, "1.00 s")]
    [InlineData(2410d, "2.41 s")]
    [InlineData(59_996d, "1 min 00 s")]
    [InlineData(185_000d, "3 min 05 s")]
    public void DurationsKeepThreeDigits(double? milliseconds, string shown) => Assert.Equal(shown, TraceFormat.Duration(milliseconds));

    [Theory]
    [InlineData(null, "–")]
    [InlineData("0", "$0")]
    [InlineData("0.000012", "$0.000012")]
    [InlineData("0.0312", "$0.0312")]
    [InlineData("12.5", "$12.5000")]
    [InlineData("1234.5", "$1,234.50")]
    public void CostsShowWhatOneCallCosts(string? cost, string shown) =>
        Assert.Equal(shown, TraceFormat.Cost(cost is null ? null : decimal.Parse(cost, CultureInfo.InvariantCulture)));

    [Fact]
    public void NumbersAreTheViewersOwn()
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");

        Assert.Equal("12.345", TraceFormat.Count(12_345));
        Assert.Equal("2,41 s", TraceFormat.Duration(2410));
    }

    [Fact]
    public void JsonKeepsItsLettersAndNumbers()
    {
        string shown = TraceFormat.Json("""{"a":"ü<b>","n":1e999999}""");

        Assert.Equal("{\n  \"a\": \"ü<b>\",\n  \"n\": 1e999999\n}", shown.ReplaceLineEndings("\n"));
        Assert.Equal("not json", TraceFormat.Json("not json"));
        Assert.Equal("\"\\ud83d\"", TraceFormat.Json("\"\\ud83d\""));
    }

    public void Dispose() => CultureInfo.CurrentCulture = _before;
}
