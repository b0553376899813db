using LlmEval.Core.Outbound;

namespace LlmEval.Tests.Outbound;

public class RetryScheduleTests
{
    [Fact]
    public void ThereAreTenAttemptsOverThreeDays()
    {
        TimeSpan[] waits = [.. Enumerable.Range(1, 100).Select(n => RetrySchedule.After(n, random: 0)).TakeWhile(w => w is not null).Select(w => w!.Value)];

        Assert.Equal(9, waits.Length);
        Assert.Equal(TimeSpan.FromSeconds(5), waits[0]);
        Assert.Equal(waits.Order(), waits);
        Assert.InRange(waits.Aggregate((a, b) => a + b), TimeSpan.FromDays(3), TimeSpan.FromDays(4));
        Assert.Null(RetrySchedule.After(10, random: 0));
    }

    [Fact]
    public void NotAllComeBackAtTheSameMoment() => Assert.Equal(TimeSpan.FromSeconds(6), RetrySchedule.After(1, random: 1));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(6, 8)]
    [InlineData(9, 60)]
    [InlineData(100_000, 60)]
    public void AnAddressThatOnlyFailsIsLeftAloneForLongerAndLonger(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetrySchedule.Rest(failures));
}
