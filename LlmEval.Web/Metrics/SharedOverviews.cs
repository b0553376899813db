using System.Globalization;
using LlmEval.Core.Metrics;
using LlmEval.Core.Primitives;

namespace LlmEval.Web.Metrics;

/// <summary>
/// Reads each range, and works out what is drawn of it, once for everybody who looks at it. Who asks gets figures that hold every
/// change committed before the question, read at most a few times a second, however many ask.
/// </summary>
public sealed class SharedOverviews(Func<int, OverviewRange, CancellationToken, Task<Overview>> read, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);

    private readonly SharedReads<Question, OverviewView> _reads = new(
        async (asked, cancel) =>
        {
            Overview found = await read(asked.ProjectId, asked.Range, cancel);
            CultureInfo.CurrentCulture = asked.Culture;
            return OverviewView.Of(found, asked.Than);
        },
        Interval,
        time);

    /// <summary>Answers in the culture of the caller.</summary>
    /// <param name="than">Names the period before: "the hour before".</param>
    public Task<OverviewView> ReadAsync(int projectId, OverviewRange range, string than, CancellationToken cancel) =>
        _reads.ReadAsync(new Question(projectId, range, than, CultureInfo.CurrentCulture), cancel);

    /// <summary>What was answered last to the same question, by whomever, at most a minute ago. Null when there is nothing.</summary>
    public OverviewView? Last(int projectId, OverviewRange range, string than) =>
        _reads.Last(new Question(projectId, range, than, CultureInfo.CurrentCulture));

    // A range that ends now is another one after each of its steps.
    private sealed record Question(int ProjectId, OverviewRange Range, string Than, CultureInfo Culture);
}
