using LlmEval.Core.Metrics;

namespace LlmEval.Tests.Metrics;

public class CurveAxisTests
{
    private static readonly DateTime Now = new(2026, 5, 4, 12, 0, 0, DateTimeKind.Utc);
    private static readonly OverviewRange Day = OverviewRange.Last(TimeSpan.FromHours(24), Now, TimeZoneInfo.Utc);

    [Fact]
    public void WhatComesAllTheTimeIsCutAsFinelyAsTheRangeAllows() =>
        Assert.Equal(Day.Step, StepFor(Day, [.. Enumerable.Range(0, 96).Select(i => Day.From.AddMinutes(15 * i))]));

    [Fact]
    public void OneTraceAnHourMakesACurveOfHours() =>
        Assert.Equal(TimeSpan.FromHours(1), StepFor(Day, [.. Enumerable.Range(0, 24).Select(i => Day.From.AddHours(i))]));

    [Fact]
    public void ABurstKeepsItsSteps()
    {
        IEnumerable<DateTime> morning = Enumerable.Range(0, 8).Select(i => Day.From.AddMinutes(15 * i));
        IEnumerable<DateTime> evening = morning.Select(at => at.AddHours(14));

        Assert.Equal(Day.Step, StepFor(Day, [.. morning, .. evening]));
    }

    [Fact]
    public void WhereNoStepMakesALineThereAreStillEightOfThem()
    {
        TimeAxis axis = CurveAxis.For(Day, [Day.From.AddHours(1), Day.From.AddHours(11), Day.From.AddHours(21)]);

        Assert.Equal(TimeSpan.FromHours(3), axis.Step);
        Assert.InRange(axis.Starts.Count, 8, 9);
    }

    [Fact]
    public void ARangeTooShortForOtherStepsKeepsItsOwn()
    {
        OverviewRange quarter = OverviewRange.Last(TimeSpan.FromMinutes(15), Now, TimeZoneInfo.Utc);

        Assert.Equal(quarter.Step, StepFor(quarter, [quarter.From, quarter.From.AddMinutes(7)]));
    }

    [Fact]
    public void WithoutAnythingMeasuredNothingIsCoarser() => Assert.Equal(Day.Step, StepFor(Day, []));

    [Fact]
    public void EveryStepBeginsWhereTheViewersClockDoes()
    {
        OverviewRange kolkata = OverviewRange.Last(TimeSpan.FromHours(24), Now, TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata"));
        TimeAxis axis = CurveAxis.For(kolkata, [.. Enumerable.Range(0, 24).Select(i => kolkata.From.AddHours(i))]);

        Assert.Equal(TimeSpan.FromHours(1), axis.Step);
        Assert.All(axis.Marks, mark => Assert.Equal(30, mark.Minute));
    }

    private static TimeSpan StepFor(OverviewRange range, DateTime[] measured) => CurveAxis.For(range, measured).Step;
}
