using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Review;

/// <summary>Counts the traces of a queue by what was said of them.</summary>
internal sealed class QueueCounter(RollupQueries figures)
{
    /// <param name="sample">The rows of a queue of fixed size.</param>
    /// <returns>Null for a search of texts: its matches cannot be counted in a bearable time.</returns>
    public async Task<QueueCounts?> CountAsync(LlmEvalDb db, int projectId, ReviewScope scope, long[]? sample, CancellationToken cancel)
    {
        if (sample is not null)
        {
            return await CountRowsAsync(db.Set<Trace>().Where(t => EF.Parameter(sample).Contains(t.Id)), cancel);
        }

        if (scope.IsOfWholeModels)
        {
            return await SumFiguresAsync(projectId, scope.Filter.ModelNames, cancel);
        }

        TraceFilter all = scope.Filter with { Statuses = [] };
        return all.Text is null ? await CountRowsAsync(all.ApplyTo(db.Set<Trace>(), projectId), cancel) : null;
    }

    private static async Task<QueueCounts> CountRowsAsync(IQueryable<Trace> rows, CancellationToken cancel)
    {
        Dictionary<EvaluationStatus, long> counts = await rows.GroupBy(t => t.Status)
            .Select(g => new { Status = g.Key, Count = g.LongCount() })
            .ToDictionaryAsync(g => g.Status, g => g.Count, cancel);
        return new QueueCounts(
            counts.GetValueOrDefault(EvaluationStatus.Pending),
            counts.GetValueOrDefault(EvaluationStatus.InReview),
            counts.GetValueOrDefault(EvaluationStatus.Accepted),
            counts.GetValueOrDefault(EvaluationStatus.Rejected));
    }

    private async Task<QueueCounts> SumFiguresAsync(int projectId, IReadOnlyList<string> models, CancellationToken cancel)
    {
        Figures[] counted = models.Count == 0
            ? [await figures.TotalAsync(projectId, cancel)]
            : [.. (await figures.TotalByModelAsync(projectId, cancel)).Where(p => models.Contains(p.ModelName)).Select(p => p.Figures)];
        return new QueueCounts(
            counted.Sum(f => f.Pending), counted.Sum(f => f.InReview), counted.Sum(f => f.Accepted), counted.Sum(f => f.Rejected));
    }
}
