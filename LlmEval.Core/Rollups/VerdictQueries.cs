using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Rollups;

/// <summary>The verdicts of one reviewer in one quarter of an hour.</summary>
/// <param name="Evaluator">Empty for whoever gave no name.</param>
public sealed record VerdictPoint(DateTime Quarter, string Evaluator, long Accepted, long Rejected);

/// <summary>Reads verdicts by the time of the decision. Rows and what is not folded yet come from one statement.</summary>
public sealed class VerdictQueries(IDbContextFactory<LlmEvalDb> databases)
{
    /// <summary>Oldest first; quarters and reviewers without any verdict are left out.</summary>
    /// <param name="from">UTC, on a quarter of an hour.</param>
    /// <param name="to">UTC, exclusive.</param>
    public async Task<IReadOnlyList<VerdictPoint>> SeriesAsync(int projectId, DateTime from, DateTime to, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        var rows = db.Set<VerdictRow>()
            .Where(v => v.ProjectId == projectId && v.Quarter >= from && v.Quarter < to)
            .Select(v => new { v.Quarter, v.Evaluator, v.Accepted, v.Rejected });
        var deltas = db.Set<VerdictDelta>()
            .Where(v => v.ProjectId == projectId && v.Quarter >= from && v.Quarter < to)
            .Select(v => new { v.Quarter, v.Evaluator, v.Accepted, v.Rejected });
        var parts = await rows.Concat(deltas).ToListAsync(cancel);
        return
        [
            .. parts
                .GroupBy(v => (v.Quarter, v.Evaluator))
                .Select(g => new VerdictPoint(g.Key.Quarter, g.Key.Evaluator, g.Sum(v => v.Accepted), g.Sum(v => v.Rejected)))
                .Where(v => v.Accepted != 0 || v.Rejected != 0)
                .OrderBy(v => v.Quarter).ThenBy(v => v.Evaluator, StringComparer.Ordinal),
        ];
    }
}
