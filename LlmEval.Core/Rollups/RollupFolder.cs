using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Rollups;

/// <summary>
/// Adds committed deltas into the rollup rows of every grain and removes them, in one transaction: whoever reads rows and deltas
/// in one statement sees each change exactly once.
/// </summary>
public sealed class RollupFolder(IDbContextFactory<LlmEvalDb> databases, IBackgroundTurn turn, TimeProvider time)
{
    /// <summary>The most deltas one transaction folds.</summary>
    public const int Step = 4_000;

    /// <returns>How many deltas were folded: fewer than <see cref="Step"/> when none is left, or another replica is at it.</returns>
    public async Task<int> FoldAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        await using BackgroundTransaction? transaction = await turn.TryBeginAsync(db, BackgroundWork.FoldRollups, cancel);
        if (transaction is null)
        {
            return 0;
        }

        // Ids need not be visible in order here: a delta that commits late is simply folded later.
        List<RollupDelta> deltas = await db.Set<RollupDelta>().OrderBy(d => d.Id).Take(Step).ToListAsync(cancel);
        if (deltas.Count == 0)
        {
            return 0;
        }

        long[] ids = [.. deltas.Select(d => d.Id)];
        await db.Set<RollupDelta>().Where(d => ids.Contains(d.Id)).ExecuteDeleteAsync(cancel);
        await AddToRowsAsync(db, SumByRow(deltas, time.UtcNow() - RollupGrains.MinutesKept), cancel);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return deltas.Count;
    }

    /// <summary>Removes rows of minutes that are past keeping.</summary>
    public async Task TrimMinutesAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        await using BackgroundTransaction? transaction = await turn.TryBeginAsync(db, BackgroundWork.FoldRollups, cancel);
        if (transaction is not null)
        {
            DateTime horizon = time.UtcNow() - RollupGrains.MinutesKept;
            await db.Set<RollupRow>().Where(r => r.Grain == RollupGrain.Minute && r.Bucket < horizon).ExecuteDeleteAsync(cancel);
            await transaction.CommitAsync(cancel);
        }
    }

    private static Dictionary<RowKey, FiguresSum> SumByRow(List<RollupDelta> deltas, DateTime minuteHorizon)
    {
        // First what belongs together anyway: each histogram is unpacked once, not once for every row that it goes into.
        var byMinute = new Dictionary<(int Project, DateTime Minute, string Model), FiguresSum>();
        foreach (RollupDelta delta in deltas)
        {
            Of(byMinute, (delta.ProjectId, delta.Minute, delta.ModelName)).Add(delta);
        }

        var sums = new Dictionary<RowKey, FiguresSum>();
        foreach (((int project, DateTime minute, string model), FiguresSum sum) in byMinute)
        {
            foreach (RollupGrain grain in RollupGrains.All)
            {
                DateTime bucket = grain.Floor(minute);
                if (grain == RollupGrain.Minute && bucket < minuteHorizon)
                {
                    continue;
                }

                Of(sums, new RowKey(project, grain, bucket, model)).Add(sum);
                Of(sums, new RowKey(project, grain, bucket, RollupRow.AllModels)).Add(sum);
            }
        }

        return sums;
    }

    private static FiguresSum Of<TKey>(Dictionary<TKey, FiguresSum> sums, TKey key)
        where TKey : notnull
    {
        if (!sums.TryGetValue(key, out FiguresSum? sum))
        {
            sums.Add(key, sum = new FiguresSum());
        }

        return sum;
    }

    private static async Task AddToRowsAsync(LlmEvalDb db, Dictionary<RowKey, FiguresSum> sums, CancellationToken cancel)
    {
        foreach (var group in sums.Keys.GroupBy(k => (k.ProjectId, k.Grain)))
        {
            DateTime[] buckets = [.. group.Select(k => k.Bucket).Distinct()];
            string[] models = [.. group.Select(k => k.ModelName).Distinct()];
            List<RollupRow> rows = await db.Set<RollupRow>()
                .AsTracking()
                .Where(r => r.ProjectId == group.Key.ProjectId && r.Grain == group.Key.Grain && buckets.Contains(r.Bucket) && models.Contains(r.ModelName))
                .ToListAsync(cancel);
            foreach (RollupRow row in rows)
            {
                // The query may bring more combinations of bucket and model than were asked for.
                if (sums.Remove(new RowKey(row.ProjectId, row.Grain, row.Bucket, row.ModelName), out FiguresSum? sum))
                {
                    sum.AddTo(row);
                }
            }
        }

        foreach ((RowKey key, FiguresSum sum) in sums)
        {
            var row = new RollupRow { ProjectId = key.ProjectId, Grain = key.Grain, Bucket = key.Bucket, ModelName = key.ModelName };
            sum.AddTo(row);
            db.Add(row);
        }
    }

    private readonly record struct RowKey(int ProjectId, RollupGrain Grain, DateTime Bucket, string ModelName);
}
