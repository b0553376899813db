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

    /// <summary>The figures of a range of time, all models together.</summary>
    /// <param name="from">UTC, on a bound of the grain.</param>
    /// <param name="to">UTC, exclusive.</param>
    public async Task<Figures> SumAsync(int projectId, RollupGrain grain, DateTime from, DateTime to, CancellationToken cancel) =>
        FiguresSum.Of((await SeriesAsync(projectId, grain, from, to, RollupRow.AllModels, cancel)).Select(p => p.Figures));

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

        var read = new List<Part>();
        await foreach (Part part in parts.AsAsyncEnumerable().WithCancellation(cancel).ConfigureAwait(false))
        {
            part.At = grain.Floor(part.At);
            part.ModelName = model ?? part.ModelName;
            read.Add(part);
        }

        read.Sort(Part.Compare);
        return Join(read);
    }

    /// <summary>Adds up what belongs to one bucket and model. Almost always that is one row by itself; only deltas make it more.</summary>
    private static List<RollupPoint> Join(List<Part> sorted)
    {
        var points = new List<RollupPoint>(sorted.Count);
        for (int from = 0, to; from < sorted.Count; from = to)
        {
            Part first = sorted[from];
            for (to = from + 1; to < sorted.Count && Part.Compare(first, sorted[to]) == 0;)
            {
                to++;
            }

            points.Add(new RollupPoint(first.At, first.ModelName, to == from + 1 ? first : FiguresSum.Of(sorted.GetRange(from, to - from))));
        }

        return points;
    }

    /// <summary>A row or a delta as it comes from the database.</summary>
    private sealed class Part : Figures
    {
        public DateTime At { get; set; }

        public required string ModelName { get; set; }

        public static int Compare(Part a, Part b) => a.At != b.At ? a.At.CompareTo(b.At) : string.CompareOrdinal(a.ModelName, b.ModelName);
    }
}
