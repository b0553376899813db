using LlmEval.Core.Primitives;

namespace LlmEval.Core.Metrics;

/// <summary>
/// Reads each range once for everybody who looks at it. Who asks gets figures that hold every change committed before the
/// question, read at most a few times a second, however many ask.
/// </summary>
public sealed class SharedOverviews(Func<int, OverviewRange, CancellationToken, Task<Overview>> read, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);

    // A range that ends now is another one after each of its steps.
    private readonly SharedReads<(int ProjectId, OverviewRange Range), Overview> _reads =
        new((asked, cancel) => read(asked.ProjectId, asked.Range, cancel), Interval, time);

    public Task<Overview> ReadAsync(int projectId, OverviewRange range, CancellationToken cancel) => _reads.ReadAsync((projectId, range), cancel);

    /// <summary>What was read last of this range, by whomever, at most a minute ago. Null when there is none.</summary>
    public Overview? Last(int projectId, OverviewRange range) => _reads.Last((projectId, range));
}
