using LlmEval.Core.Metrics;

namespace LlmEval.Tests.Metrics;

public class TimeAxisTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Fact]
    public void StepsBeginWhereTheViewersClockDoes()
    {
        TimeAxis axis = TimeAxis.Cut(Utc("2026-05-04 10:20"), Utc("2026-05-04 19:20"), TimeSpan.FromHours(3), Berlin);

        Assert.Equal([Utc("2026-05-04 10:20"), Utc("2026-05-04 13:00"), Utc("2026-05-04 16:00"), Utc("2026-05-04 19:00")], axis.Starts);
        Assert.Equal([Utc("2026-05-04 10:00"), Utc("2026-05-04 13:00"), Utc("2026-05-04 16:00"), Utc("2026-05-04 19:00")], axis.Marks);
    }

    [Theory]
    [InlineData("2026-03-28 23:00", "2026-03-29 22:00")]
    [InlineData("2026-10-24 22:00", "2026-10-25 23:00")]
    public void ADayOnWhichTheClockIsChangedHas23Or25Hours(string begin, string end)
    {
        TimeAxis days = TimeAxis.Cut(Utc(begin), Utc(end).AddDays(1), TimeSpan.FromDays(1), Berlin);
        TimeAxis hours = TimeAxis.Cut(Utc(begin), Utc(end), TimeSpan.FromHours(1), Berlin);

        Assert.Equal([Utc(begin), Utc(end)], days.Starts);
        Assert.Equal((Utc(end) - Utc(begin)).TotalHours, hours.Starts.Count);
        Assert.All(hours.Starts.Zip(hours.Starts.Skip(1)), pair => Assert.Equal(TimeSpan.FromHours(1), pair.Second - pair.First));
    }

    [Fact]
    public void ADayWhoseMidnightIsLeaptOverBeginsAnHourLater()
    {
        TimeZoneInfo beirut = TimeZoneInfo.FindSystemTimeZoneById("Asia/Beirut");

        Assert.Equal(Utc("2026-03-28 22:00"), TimeAxis.DayOf(Utc("2026-03-29 12:00"), beirut));
    }

    [Fact]
    public void EveryMomentOfTheRangeLiesInTheStepThatBeganLast()
    {
        DateTime from = Utc("2026-05-01 06:00");
        TimeAxis axis = TimeAxis.Cut(from, from.AddDays(9), TimeSpan.FromDays(1), Berlin);

        for (DateTime at = from; at < from.AddDays(9); at += TimeSpan.FromMinutes(15))
        {
            Assert.Equal(axis.Starts.Count(start => start <= at) - 1, axis.IndexOf(at));
        }
    }

    private static DateTime Utc(string text) => DateTime.SpecifyKind(DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc);
}
