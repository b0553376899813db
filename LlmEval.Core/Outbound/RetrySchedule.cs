namespace LlmEval.Core.Outbound;

/// <summary>When a delivery that failed is sent again: the intervals that Standard Webhooks suggests, three days in all.</summary>
internal static class RetrySchedule
{
    /// <summary>However long a receiver asks us to wait.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(24);

    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    private const double Jitter = 0.2;

    /// <summary>An address that failed this often in a row is left alone for a while, whatever else is due.</summary>
    private const int FailuresBeforeRest = 3;

    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);

    /// <param name="attempts">Those made so far, at least one.</param>
    /// <param name="random">From 0 to 1: how late within the jitter.</param>
    /// <returns>Null when it is given up.</returns>
    public static TimeSpan? After(int attempts, double random) =>
        attempts > Waits.Length ? null : Waits[attempts - 1] * (1 + (Jitter * random));

    /// <summary>How long nothing at all is sent to an address that only fails.</summary>
    public static TimeSpan Rest(int failures) => failures < FailuresBeforeRest
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds(Math.Min(Math.Pow(2, failures - FailuresBeforeRest), LongestRest.TotalSeconds));
}
