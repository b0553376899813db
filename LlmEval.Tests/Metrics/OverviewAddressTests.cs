using LlmEval.Core.Metrics;
using LlmEval.Tests.Support;
using LlmEval.Web.Metrics;

namespace LlmEval.Tests.Metrics;

public class OverviewAddressTests
{
    [Theory]
    [InlineData(null, null, null, "")]
    [InlineData("24h", null, null, "")]
    [InlineData("7d", null, null, "?range=7d")]
    [InlineData("8d", null, null, "")]
    [InlineData(null, "2026-05-01T10:00Z", "2026-05-02T11:30Z", "?from=2026-05-01T10:00Z&to=2026-05-02T11:30Z")]
    [InlineData(null, "2026-05-01T12:00:00+02:00", "2026-05-02", "?from=2026-05-01T10:00Z&to=2026-05-02T00:00Z")]
    [InlineData("1h", "2026-05-02T10:00Z", "2026-05-01T10:00Z", "?range=1h")]
    [InlineData("1h", "2026-05-02T10:00Z", "nonsense", "?range=1h")]
    [InlineData(null, "0001-01-01T00:00Z", "9999-01-01T00:00Z", "")]
    [InlineData(null, "0001-01-01T00:00Z", "0001-01-02T00:00Z", "")]
    [InlineData(null, "9999-12-30T00:00Z", "9999-12-31T23:59Z", "")]
    public void AnAddressIsReadAsItIsWritten(string? range, string? from, string? to, string written) =>
        Assert.Equal(written, OverviewAddress.Parse(range, from, to).ToString());

    [Fact]
    public void APeriodOfThePastStaysWhereItIs()
    {
        OverviewRange range = OverviewAddress.Parse(null, "2026-05-01T10:00Z", "2026-05-02T10:00Z").ToRange(SomeTrace.Now, TimeZoneInfo.Utc);

        Assert.Equal((new DateTime(2026, 5, 1, 10, 0, 0, DateTimeKind.Utc), TimeSpan.FromDays(1)), (range.From, range.Length));
    }
}
