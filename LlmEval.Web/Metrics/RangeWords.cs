using LlmEval.Web.Shell;

namespace LlmEval.Web.Metrics;

/// <summary>How a range is told to people.</summary>
/// <param name="Period">"Last 24 hours".</param>
/// <param name="Than">What it is compared with: "the day before".</param>
public sealed record RangeWords(string Period, string Than)
{
    /// <summary>As the caller of this method sees times now.</summary>
    public static RangeWords Of(OverviewAddress address, ViewerTime time) => address.Choice is { } choice
        ? new(choice.Title, choice.Before)
        : new($"{time.Moment(address.From)} to {time.Moment(address.To)}", "the period before");
}
