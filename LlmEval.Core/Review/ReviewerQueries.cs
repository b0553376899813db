using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Review;

/// <summary>What one person said in a stretch of time.</summary>
public sealed record ReviewerTally(string Reviewer, int Accepted, int Rejected)
{
    public int Total => Accepted + Rejected;
}

/// <summary>Reads how much each reviewer has done.</summary>
public sealed class ReviewerQueries(IDbContextFactory<LlmEvalDb> databases)
{
    /// <summary>Traces that each person judged since then, most first. A verdict that its author took back does not count.</summary>
    public async Task<IReadOnlyList<ReviewerTally>> TallyAsync(int projectId, DateTime since, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        IQueryable<Evaluation> entries = db.Set<Evaluation>().Where(e => e.ProjectId == projectId && e.CreatedAt >= since && e.Evaluator != null);
        IQueryable<long> last = entries
            .Where(e => e.Undoes == null && !entries.Any(u => u.TraceId == e.TraceId && u.Undoes == e.Version && u.Evaluator == e.Evaluator))
            .GroupBy(e => new { e.Evaluator, e.TraceId })
            .Select(g => g.Max(e => e.Id));
        var counts = await db.Set<Evaluation>()
            .Where(e => last.Contains(e.Id) && (e.Status == EvaluationStatus.Accepted || e.Status == EvaluationStatus.Rejected))
            .GroupBy(e => new { e.Evaluator, e.Status })
            .Select(g => new { g.Key.Evaluator, g.Key.Status, Count = g.Count() })
            .ToListAsync(cancel);
        return [.. counts.GroupBy(c => c.Evaluator!)
            .Select(g => new ReviewerTally(
                g.Key,
                g.Where(c => c.Status == EvaluationStatus.Accepted).Sum(c => c.Count),
                g.Where(c => c.Status == EvaluationStatus.Rejected).Sum(c => c.Count)))
            .OrderByDescending(t => t.Total).ThenBy(t => t.Reviewer, StringComparer.Ordinal)];
    }
}
