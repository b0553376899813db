using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Rollups;

/// <summary>The figures of one bucket and model.</summary>
public sealed record RollupPoint(DateTime Bucket, string ModelName, Figures Figures);

/// <summary>
/// Reads figures. Rows and the deltas that are not folded yet come from one statement, so that the sums are exact at its moment.
/// </summary>
public sealed class RollupQueries(IDbContextFactory<LlmEvalDb> databases)
{
    // Not DateTime.MaxValue, which the PostgreSQL driver takes for infinity.
    private static readonly DateTime Forever = new(9999, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Everything that a project ever got, all models together.</summary>
    public async Task<Figures> TotalAsync(int projectId, CancellationToken cancel)
    {
        IReadOnlyList<RollupPoint> points = await SeriesAsync(
            projectId, RollupGrain.Total, DateTime.UnixEpoch, Forever, RollupRow.AllModels, cancel);
        return points.Count == 0 ? new Figures() : points[0].Figures;
    }

    /// <summary>Everything that a project ever got, model by model.</summary>
    public Task<IReadOnlyList<RollupPoint>> TotalByModelAsync(int projectId, CancellationToken cancel) =>
        SeriesAsync(projectId, RollupGrain.Total, DateTime.UnixEpoch, Forever, model: null, cancel);

    /// <summary>The figures of a range of time, all models together.</summary>
    /// <param name="from">UTC, on a bound of the grain.</param>
    /// <param name="to">UTC, exclusive.</param>
    public async Task<Figures> SumAsync(int projectId, RollupGrain grain, DateTime from, DateTime to, CancellationToken cancel)
    {
        var sum = new FiguresSum();
        foreach (RollupPoint point in await SeriesAsync(projectId, grain, from, to, RollupRow.AllModels, cancel))
        {
            sum.Add(point.Figures);
        }

        return sum.ToFigures();
    }

    /// <summary>The figures of a range of time, bucket by bucket, oldest first. Buckets without any trace are left out.</summary>
    /// <param name="from">UTC, on a bound of the grain.</param>
    /// <param name="to">UTC, exclusive.</param>
    /// <param name="model">One model, <see cref="RollupRow.AllModels"/> for all together, null for each by itself.</param>
    public async Task<IReadOnlyList<RollupPoint>> SeriesAsync(
        int projectId, RollupGrain grain, DateTime from, DateTime to, string? model, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        IQueryable<RollupRow> rows = db.Set<RollupRow>().Where(r => r.ProjectId == projectId && r.Grain == grain && r.Bucket >= from && r.Bucket < to);
        IQueryable<RollupDelta> deltas = db.Set<RollupDelta>().Where(d => d.ProjectId == projectId && d.Minute >= from && d.Minute < to);
        rows = model is null ? rows.Where(r => r.ModelName != RollupRow.AllModels) : rows.Where(r => r.ModelName == model);
        if (model is { Length: > 0 })
        {
            deltas = deltas.Where(d => d.ModelName == model);
        }

        var parts = rows.Select(r => new Part
        {
            At = r.Bucket,
            ModelName = r.ModelName,
            Pending = r.Pending,
            InReview = r.InReview,
            Accepted = r.Accepted,
            Rejected = r.Rejected,
            Errors = r.Errors,
            TokensUsed = r.TokensUsed,
            PromptTokens = r.PromptTokens,
            CompletionTokens = r.CompletionTokens,
            Cost = r.Cost,
            ResponseTimeMs = r.ResponseTimeMs,
            ResponseTimes = r.ResponseTimes,
            Histogram = r.Histogram,
        }).Concat(deltas.Select(d => new Part
        {
            At = d.Minute,
            ModelName = d.ModelName,
            Pending = d.Pending,
            InReview = d.InReview,
            Accepted = d.Accepted,
            Rejected = d.Rejected,
            Errors = d.Errors,
            TokensUsed = d.TokensUsed,
            PromptTokens = d.PromptTokens,
            CompletionTokens = d.CompletionTokens,
            Cost = d.Cost,
            ResponseTimeMs = d.ResponseTimeMs,
            ResponseTimes = d.ResponseTimes,
            Histogram = d.Histogram,
        }));

        // Almost every bucket comes as one row; only those that deltas touch are added up.
        var points = new Dictionary<(DateTime Bucket, string Model), Figures>();
        var sums = new Dictionary<(DateTime Bucket, string Model), FiguresSum>();
        await foreach (Part part in parts.AsAsyncEnumerable().WithCancellation(cancel))
        {
            var key = (grain.Floor(part.At), model ?? part.ModelName);
            if (points.TryAdd(key, part))
            {
                continue;
            }

            if (!sums.TryGetValue(key, out FiguresSum? sum))
            {
                sums.Add(key, sum = new FiguresSum());
                sum.Add(points[key]);
            }

            sum.Add(part);
        }

        foreach (((DateTime Bucket, string Model) key, FiguresSum sum) in sums)
        {
            points[key] = sum.ToFigures();
        }

        return [.. points.OrderBy(p => p.Key.Bucket).ThenBy(p => p.Key.Model, StringComparer.Ordinal)
            .Select(p => new RollupPoint(p.Key.Bucket, p.Key.Model, p.Value))];
    }

    /// <summary>A row or a delta as it comes from the database.</summary>
    private sealed class Part : Figures
    {
        public DateTime At { get; init; }

        public required string ModelName { get; init; }
    }
}
