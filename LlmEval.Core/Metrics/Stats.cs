using LlmEval.Core.Rollups;

namespace LlmEval.Core.Metrics;

/// <summary>A project's headline figures at a moment.</summary>
/// <param name="Total">Everything there is.</param>
/// <param name="TodayTraces">Traces whose timestamp lies in the UTC day of <paramref name="At"/>.</param>
/// <param name="At">UTC.</param>
public sealed record Stats(Figures Total, long TodayTraces, DateTime At)
{
    /// <summary>Traces without a verdict, those set aside by a reviewer included.</summary>
    public long Unjudged => Total.Pending + Total.InReview;

    /// <summary>Accepted among the judged, in percent to one decimal; 0 while nothing is judged.</summary>
    public double AcceptanceRate => Rate(Total.Accepted, Total.Rejected);

    /// <summary>Over the traces that gave a response time, in milliseconds; 0 while there is none.</summary>
    public double AverageResponseTimeMs =>
        Total.ResponseTimes == 0 ? 0 : (double)Math.Round(Total.ResponseTimeMs / Total.ResponseTimes, 3);

    public static double Rate(long accepted, long rejected) =>
        accepted + rejected == 0 ? 0 : Math.Round(100.0 * accepted / (accepted + rejected), 1, MidpointRounding.AwayFromZero);
}
