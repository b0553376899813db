using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Review;

/// <summary>Counts the traces of a queue by what was said of them.</summary>
internal static class QueueCounter
{
    /// <param name="sample">The rows of a queue of fixed size.</param>
    public static async Task<QueueReading> CountAsync(LlmEvalDb db, int projectId, ReviewScope scope, long[]? sample, CancellationToken cancel)
    {
        if (sample is not null)
        {
            return await CountRowsAsync(db.Set<Trace>().Where(t => EF.Parameter(sample).Contains(t.Id)), cancel);
        }

        if (scope.IsOfWholeModels)
        {
            return await SumFiguresAsync(db, projectId, scope.Filter.ModelNames, cancel);
        }

        TraceFilter all = scope.Filter with { Statuses = [] };
        return all.Text is null ? await CountRowsAsync(all.ApplyTo(db.Set<Trace>(), projectId), cancel) : new QueueReading(Counts: null, Position: null);
    }

    private static async Task<QueueReading> CountRowsAsync(IQueryable<Trace> rows, CancellationToken cancel)
    {
        Dictionary<EvaluationStatus, long> counts = await rows.GroupBy(t => t.Status)
            .Select(g => new { Status = g.Key, Count = g.LongCount() })
            .ToDictionaryAsync(g => g.Status, g => g.Count, cancel);
        return new QueueReading(
            new QueueCounts(
                counts.GetValueOrDefault(EvaluationStatus.Pending),
                counts.GetValueOrDefault(EvaluationStatus.InReview),
                counts.GetValueOrDefault(EvaluationStatus.Accepted),
                counts.GetValueOrDefault(EvaluationStatus.Rejected)),
            Position: null);
    }

    // One statement, so that the figures and the position in the log are of the same moment: whoever goes on by events counts none
    // twice and leaves none out.
    private static async Task<QueueReading> SumFiguresAsync(LlmEvalDb db, int projectId, IReadOnlyList<string> models, CancellationToken cancel)
    {
        string[] named = models.Count == 0 ? [RollupRow.AllModels] : [.. models];
        IQueryable<RollupDelta> deltas = db.Set<RollupDelta>().Where(d => d.ProjectId == projectId);
        if (models.Count > 0)
        {
            deltas = deltas.Where(d => EF.Parameter(named).Contains(d.ModelName));
        }

        var parts = db.Set<RollupRow>()
            .Where(r => r.ProjectId == projectId && r.Grain == RollupGrain.Total && EF.Parameter(named).Contains(r.ModelName))
            .Select(r => new { r.Pending, r.InReview, r.Accepted, r.Rejected })
            .Concat(deltas.Select(d => new { d.Pending, d.InReview, d.Accepted, d.Rejected }));
        var sums = await db.Set<EventHead>()
            .Select(h => new
            {
                h.LastId,
                Pending = parts.Sum(p => p.Pending),
                InReview = parts.Sum(p => p.InReview),
                Accepted = parts.Sum(p => p.Accepted),
                Rejected = parts.Sum(p => p.Rejected),
            })
            .SingleAsync(cancel);
        return new QueueReading(new QueueCounts(sums.Pending, sums.InReview, sums.Accepted, sums.Rejected), sums.LastId);
    }
}
