using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Rollups;

/// <summary>Adds committed changes of verdicts into their rows and removes them, in one transaction.</summary>
public sealed class VerdictFolder(IDbContextFactory<LlmEvalDb> databases, IBackgroundTurn turn)
{
    /// <summary>The most deltas one transaction folds.</summary>
    public const int Step = 4_000;

    /// <returns>How many deltas were folded: fewer than <see cref="Step"/> when none is left, or another replica is at it.</returns>
    public async Task<int> FoldAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        if (!await db.Set<VerdictDelta>().AnyAsync(cancel))
        {
            return 0;
        }

        await using BackgroundTransaction? transaction = await turn.TryBeginAsync(db, BackgroundWork.FoldRollups, cancel);
        if (transaction is null)
        {
            return 0;
        }

        List<VerdictDelta> deltas = await db.Set<VerdictDelta>().OrderBy(d => d.Id).Take(Step).ToListAsync(cancel);
        long[] ids = [.. deltas.Select(d => d.Id)];
        await db.Set<VerdictDelta>().Where(d => ids.Contains(d.Id)).ExecuteDeleteAsync(cancel);
        await AddToRowsAsync(db, deltas, cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return deltas.Count;
    }

    private static async Task AddToRowsAsync(LlmEvalDb db, List<VerdictDelta> deltas, CancellationToken cancel)
    {
        DateTime[] quarters = [.. deltas.Select(d => d.Quarter).Distinct()];
        string[] evaluators = [.. deltas.Select(d => d.Evaluator).Distinct()];
        Dictionary<(int, DateTime, string), VerdictRow> rows = await db.Set<VerdictRow>()
            .AsTracking()
            .Where(v => quarters.Contains(v.Quarter) && evaluators.Contains(v.Evaluator))
            .ToDictionaryAsync(v => (v.ProjectId, v.Quarter, v.Evaluator), cancel);
        foreach (VerdictDelta delta in deltas)
        {
            var key = (delta.ProjectId, delta.Quarter, delta.Evaluator);
            if (!rows.TryGetValue(key, out VerdictRow? row))
            {
                row = new VerdictRow { ProjectId = delta.ProjectId, Quarter = delta.Quarter, Evaluator = delta.Evaluator };
                rows.Add(key, row);
                db.Add(row);
            }

            row.Accepted += delta.Accepted;
            row.Rejected += delta.Rejected;
        }
    }
}
