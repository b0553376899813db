using LlmEval.Core.Primitives;

namespace LlmEval.Core.Review;

/// <summary>Counts what each reviewer did once for all pages that show it: every verdict makes every one of them ask.</summary>
public sealed class SharedTallies(ReviewerQueries reviewers, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);

    private readonly SharedReads<(int ProjectId, DateTime Since), IReadOnlyList<ReviewerTally>> _reads =
        new((asked, cancel) => reviewers.TallyAsync(asked.ProjectId, asked.Since, cancel), Interval, time);

    /// <summary>See <see cref="ReviewerQueries.TallyAsync"/>.</summary>
    public Task<IReadOnlyList<ReviewerTally>> ReadAsync(int projectId, DateTime since, CancellationToken cancel) =>
        _reads.ReadAsync((projectId, since), cancel);
}
