namespace LlmEval.Web.Review;

/// <summary>How fast somebody judges.</summary>
public static class ReviewPace
{
    /// <summary>Longer than this between two verdicts is a break, not work on a trace.</summary>
    public static readonly TimeSpan Break = TimeSpan.FromMinutes(5);

    private const int Considered = 20;

    /// <summary>The mean time between the last verdicts without breaks; null before the second one.</summary>
    /// <param name="verdicts">Points in time, in order.</param>
    public static TimeSpan? Mean(IReadOnlyList<DateTime> verdicts)
    {
        TimeSpan[] gaps = [.. verdicts.Zip(verdicts.Skip(1), (a, b) => b - a).Where(gap => gap <= Break).TakeLast(Considered)];
        return gaps.Length == 0 ? null : TimeSpan.FromTicks((long)gaps.Average(gap => gap.Ticks));
    }

    /// <summary>18 s, 2 min 05 s.</summary>
    public static string Text(TimeSpan pace)
    {
        int seconds = Math.Max(1, (int)Math.Round(pace.TotalSeconds));
        return seconds < 60 ? $"{seconds} s" : $"{seconds / 60} min {seconds % 60:00} s";
    }
}
