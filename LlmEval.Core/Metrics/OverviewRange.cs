using LlmEval.Core.Rollups;

namespace LlmEval.Core.Metrics;

/// <summary>Which stretch of time an overview is about, and how finely it is read and drawn. Equal ranges show the same figures.</summary>
/// <param name="From">UTC, on a bound of the grain.</param>
/// <param name="To">UTC, exclusive, on a bound of the grain; for a range that ends now, the end of the current one.</param>
/// <param name="Grain">The finest rollups that are needed.</param>
/// <param name="Step">Of curves, at the finest.</param>
/// <param name="BarStep">Of columns, which need more room.</param>
/// <param name="VerdictStep">Days, where the range is long enough for that.</param>
/// <param name="Today">When the viewer's day began, UTC.</param>
public sealed record OverviewRange(
    DateTime From,
    DateTime To,
    RollupGrain Grain,
    TimeSpan Step,
    TimeSpan BarStep,
    TimeSpan VerdictStep,
    DateTime Today,
    TimeZoneInfo Zone)
{
    private const int MostSteps = 120;
    private const int MostBars = 32;

    private static readonly TimeSpan ByDayFrom = TimeSpan.FromDays(3);

    public TimeSpan Length => To - From;

    /// <summary>Where the period of the same length begins that everything is compared with.</summary>
    public DateTime Before => From - Length;

    /// <summary>When the viewer's days before and after today begin, UTC. A day may have 23 hours, or 25.</summary>
    public (DateTime Yesterday, DateTime Tomorrow) DaysAround() => (TimeAxis.DayOf(Today.AddHours(-12), Zone), TimeAxis.DayOf(Today.AddHours(36), Zone));

    /// <summary>The last stretch of time, up to now.</summary>
    public static OverviewRange Last(TimeSpan length, DateTime now, TimeZoneInfo zone)
    {
        RollupGrain grain = GrainFor(length, now - length, now, zone);
        DateTime to = grain.Floor(now) + LengthOf(grain);
        return Make(to - length, to, grain, now, zone);
    }

    /// <param name="from">UTC.</param>
    /// <param name="to">UTC.</param>
    public static OverviewRange Between(DateTime from, DateTime to, DateTime now, TimeZoneInfo zone)
    {
        RollupGrain grain = GrainFor(to - from, from, now, zone);
        from = grain.Floor(from);
        to = Ceiling(to, grain);
        return Make(from, to > from ? to : Ceiling(from.AddTicks(1), grain), grain, now, zone);
    }

    private static OverviewRange Make(DateTime from, DateTime to, RollupGrain grain, DateTime now, TimeZoneInfo zone)
    {
        TimeSpan length = to - from;
        TimeSpan shortest = LengthOf(grain);
        TimeSpan step = Longer(TimeAxis.StepFor(length, MostSteps), shortest);
        TimeSpan bar = Longer(TimeAxis.StepFor(length, MostBars), shortest);
        TimeSpan verdicts = Longer(bar, length >= ByDayFrom ? TimeSpan.FromDays(1) : TimeSpan.FromMinutes(15));
        return new OverviewRange(from, to, grain, step, bar, verdicts, TimeAxis.DayOf(now, zone), zone);
    }

    /// <summary>Minutes are kept for two days, of which the period before needs its share; hours are no use where a day begins on the half.</summary>
    private static RollupGrain GrainFor(TimeSpan length, DateTime from, DateTime now, TimeZoneInfo zone)
    {
        TimeSpan step = TimeAxis.StepFor(length, MostSteps);
        if (step < LengthOf(RollupGrain.Quarter) && from - length > now - RollupGrains.MinutesKept + TimeSpan.FromHours(1))
        {
            return RollupGrain.Minute;
        }

        bool fullHours = zone.GetUtcOffset(from).Minutes == 0 && zone.GetUtcOffset(now).Minutes == 0;
        return step < LengthOf(RollupGrain.Hour) || !fullHours ? RollupGrain.Quarter : RollupGrain.Hour;
    }

    private static TimeSpan LengthOf(RollupGrain grain) => grain switch
    {
        RollupGrain.Minute => TimeSpan.FromMinutes(1),
        RollupGrain.Quarter => TimeSpan.FromMinutes(15),
        _ => TimeSpan.FromHours(1),
    };

    private static DateTime Ceiling(DateTime utc, RollupGrain grain)
    {
        DateTime floor = grain.Floor(utc);
        return floor == utc ? utc : floor + LengthOf(grain);
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
