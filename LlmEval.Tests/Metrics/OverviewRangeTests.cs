using LlmEval.Core.Metrics;
using LlmEval.Core.Rollups;

namespace LlmEval.Tests.Metrics;

public class OverviewRangeTests
{
    private static readonly DateTime Now = new(2026, 5, 4, 12, 34, 56, DateTimeKind.Utc);

    [Theory]
    [InlineData(0.25, "Minute", 1, 1, 15)]
    [InlineData(1, "Minute", 1, 5, 15)]
    [InlineData(24, "Quarter", 15, 60, 60)]
    [InlineData(168, "Hour", 180, 360, 1440)]
    [InlineData(720, "Hour", 360, 1440, 1440)]
    public void TheLongerTheRangeTheLongerItsSteps(double hours, string grain, int step, int barStep, int verdictStep)
    {
        OverviewRange range = OverviewRange.Last(TimeSpan.FromHours(hours), Now, TimeZoneInfo.Utc);

        Assert.Equal(
            (grain, step, barStep, verdictStep),
            (range.Grain.ToString(), (int)range.Step.TotalMinutes, (int)range.BarStep.TotalMinutes, (int)range.VerdictStep.TotalMinutes));
        Assert.Equal(hours, range.Length.TotalHours);
        Assert.True(range.To > Now && range.To - Now <= range.Step);
        Assert.Equal(range.From - range.Length, range.Before);
    }

    [Fact]
    public void HoursAreNoUseWhereADayBeginsOnTheHalfHour()
    {
        OverviewRange range = OverviewRange.Last(TimeSpan.FromDays(30), Now, TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata"));

        Assert.Equal(RollupGrain.Quarter, range.Grain);
        Assert.Equal(new DateTime(2026, 5, 3, 18, 30, 0, DateTimeKind.Utc), range.Today);
    }

    [Fact]
    public void MinutesThatAreNoLongerKeptAreNotAskedFor()
    {
        Assert.Equal(RollupGrain.Minute, Hour(Now.AddHours(-20)).Grain);
        Assert.Equal(RollupGrain.Quarter, Hour(Now.AddDays(-9)).Grain);
        Assert.Equal(new DateTime(2026, 4, 25, 12, 30, 0, DateTimeKind.Utc), Hour(Now.AddDays(-9)).From);

        static OverviewRange Hour(DateTime from) => OverviewRange.Between(from, from.AddHours(1), Now, TimeZoneInfo.Utc);
    }
}
