namespace LlmEval.Core.Rollups;

/// <summary>How long a stretch of time one rollup row sums up. The numbers are stored: never renumber.</summary>
public enum RollupGrain : byte
{
    /// <summary>Everything there is, in one row.</summary>
    Total = 0,

    /// <summary>Kept for two days.</summary>
    Minute = 1,

    /// <summary>Kept for ever; days of every time zone begin on one of these.</summary>
    Quarter = 2,

    /// <summary>Kept for ever; for long charts.</summary>
    Hour = 3,
}

/// <summary>What holds for the grains.</summary>
public static class RollupGrains
{
    public static readonly TimeSpan MinutesKept = TimeSpan.FromDays(2);

    public static readonly IReadOnlyList<RollupGrain> All = [RollupGrain.Total, RollupGrain.Minute, RollupGrain.Quarter, RollupGrain.Hour];

    /// <summary>The beginning of the stretch that a point in time falls into.</summary>
    public static DateTime Floor(this RollupGrain grain, DateTime utc)
    {
        long ticks = grain switch
        {
            RollupGrain.Minute => TimeSpan.TicksPerMinute,
            RollupGrain.Quarter => 15 * TimeSpan.TicksPerMinute,
            RollupGrain.Hour => TimeSpan.TicksPerHour,
            _ => 0,
        };
        return ticks == 0 ? DateTime.UnixEpoch : new DateTime(utc.Ticks - (utc.Ticks % ticks), DateTimeKind.Utc);
    }
}
