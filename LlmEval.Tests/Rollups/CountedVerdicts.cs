using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Tests.Rollups;

/// <summary>What the database counted, and what it should have.</summary>
internal static class CountedVerdicts
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Takes back what stands last, if anything does.</summary>
    public static async Task TakeBackAsync(this TestCore core, string traceId, string? by)
    {
        if (await core.FindAsync(traceId) is { } detail && detail.Standing() is [.., var last])
        {
            await core.Get<UndoDecision>().RunAsync(Projects.Default, traceId, last.Version, by, actor: null, Cancel);
        }
    }

    public static Task<IReadOnlyList<VerdictPoint>> CountedAsync(this TestCore core) =>
        core.Get<VerdictQueries>().SeriesAsync(Projects.Default, DateTime.UnixEpoch, SomeTrace.Now.AddYears(50), Cancel);

    /// <summary>From the histories alone: of each reviewer and trace the last that they said and did not take back.</summary>
    public static async Task<List<VerdictPoint>> RecountAsync(this TestCore core)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        List<Evaluation> entries = await db.Set<Evaluation>().OrderBy(e => e.Id).ToListAsync(Cancel);
        HashSet<(string, int, string)> takenBack = [.. entries.Where(e => e.Undoes is not null).Select(e => (e.TraceId, e.Undoes!.Value, By(e)))];
        return
        [
            .. entries
                .Where(e => e.Undoes is null && !takenBack.Contains((e.TraceId, e.Version, By(e))))
                .GroupBy(e => (e.TraceId, By(e)))
                .Select(said => said.Last())
                .Where(e => e.Status is EvaluationStatus.Accepted or EvaluationStatus.Rejected)
                .GroupBy(e => (RollupGrain.Quarter.Floor(e.CreatedAt), By(e)))
                .Select(g => new VerdictPoint(
                    g.Key.Item1, g.Key.Item2, g.Count(e => e.Status == EvaluationStatus.Accepted), g.Count(e => e.Status == EvaluationStatus.Rejected)))
                .OrderBy(v => v.Quarter).ThenBy(v => v.Evaluator, StringComparer.Ordinal),
        ];
    }

    private static string By(Evaluation entry) => entry.Evaluator ?? VerdictCounts.Unnamed;
}
