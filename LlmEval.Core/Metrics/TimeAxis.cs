namespace LlmEval.Core.Metrics;

/// <summary>A range of time cut into steps that begin where the viewer's clock does: at full hours, at midnight.</summary>
public sealed class TimeAxis
{
    /// <summary>The steps that charts are cut into.</summary>
    public static readonly IReadOnlyList<TimeSpan> Steps =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1),
        TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromDays(1), TimeSpan.FromDays(7), TimeSpan.FromDays(28),
    ];

    private readonly DateTime[] _starts;

    private TimeAxis(DateTime[] starts, DateTime firstWhole, TimeSpan step)
    {
        _starts = starts;
        Step = step;
        Marks = [firstWhole, .. starts[1..]];
    }

    public TimeSpan Step { get; }

    /// <summary>UTC, oldest first. The first one is where the range begins, which may be within a step.</summary>
    public IReadOnlyList<DateTime> Starts => _starts;

    /// <summary>Where to draw each step: as <see cref="Starts"/>, but the first one too where it begins as a whole.</summary>
    public IReadOnlyList<DateTime> Marks { get; }

    /// <summary>The shortest step that cuts a length of time into at most so many.</summary>
    public static TimeSpan StepFor(TimeSpan length, int most) => Steps.FirstOrDefault(step => length <= step * most, Steps[^1]);

    /// <param name="from">UTC.</param>
    /// <param name="to">UTC, exclusive.</param>
    public static TimeAxis Cut(DateTime from, DateTime to, TimeSpan step, TimeZoneInfo zone)
    {
        var starts = new List<DateTime> { from };
        DateTime firstWhole = from;
        int daysPerStep = (int)step.TotalDays;
        for (DateTime day = TimeZoneInfo.ConvertTimeFromUtc(from, zone).Date; ;)
        {
            DateTime next = day.AddDays(Math.Max(1, daysPerStep));
            DateTime end = Min(MidnightUtc(next, zone), to);
            for (DateTime start = MidnightUtc(day, zone); start < end; start += daysPerStep > 0 ? end - start : step)
            {
                if (start > from)
                {
                    starts.Add(start);
                }
                else
                {
                    firstWhole = start;
                }
            }

            if (end == to)
            {
                return new TimeAxis([.. starts], firstWhole, step);
            }

            day = next;
        }
    }

    /// <summary>The midnight before a moment, on the viewer's clock; UTC.</summary>
    public static DateTime DayOf(DateTime utc, TimeZoneInfo zone) => MidnightUtc(TimeZoneInfo.ConvertTimeFromUtc(utc, zone).Date, zone);

    /// <summary>The step that a moment lies in; negative before the range.</summary>
    public int IndexOf(DateTime utc)
    {
        int at = Array.BinarySearch(_starts, utc);
        return at >= 0 ? at : ~at - 1;
    }

    // Where clocks go forward at midnight, the day begins an hour later.
    private static DateTime MidnightUtc(DateTime day, TimeZoneInfo zone)
    {
        DateTime local = DateTime.SpecifyKind(day, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }

        return TimeZoneInfo.ConvertTimeToUtc(local, zone);
    }

    private static DateTime Min(DateTime a, DateTime b) => a < b ? a : b;
}
