using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Tests.Rollups;

public class VerdictFiguresTests
{
    private static readonly string?[] Reviewers = ["ann", "ben", null, ""];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [EveryDatabase(1)]
    [EveryDatabase(2)]
    public async Task CountsEqualARecountOfTheHistoriesAfterAnySequenceOfChanges(DatabaseKind kind, int seed)
    {
        var random = new Random(seed);
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await RestoreAsync(core, random, 20);
        for (int step = 0; step < 100; step++)
        {
            string id = $"t-{random.Next(20)}";
            await (random.Next(12) == 0
                ? core.DeleteAsync(id)
                : (Task)core.JudgeAsync(new Verdict(id, (EvaluationStatus)random.Next(4)) { Evaluator = Reviewers[random.Next(4)] }));
        }

        List<VerdictPoint> counted = await RecountAsync(core);
        Assert.True(counted.Count > 5, $"Only {counted.Count} were counted.");
        Assert.Equal(counted, await ReadAsync(core));
        while (await core.Get<VerdictFolder>().FoldAsync(Cancel) > 0)
        {
        }

        Assert.Equal(counted, await ReadAsync(core));
    }

    [Theory, EveryDatabase]
    public async Task WhatAReviewerTakesBackOrChangesNoLongerCountsButAnotherOnesVerdictDoes(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());

        await core.JudgeAsync(By("ann", EvaluationStatus.Accepted));
        await core.JudgeAsync(By("ann", EvaluationStatus.Pending));
        Assert.Empty(await ReadAsync(core));

        await core.JudgeAsync(By("ann", EvaluationStatus.Accepted));
        await core.JudgeAsync(By("ann", EvaluationStatus.Rejected));
        await core.JudgeAsync(By("ben", EvaluationStatus.Accepted));
        Assert.Equal([("ann", 0, 1), ("ben", 1, 0)], (await ReadAsync(core)).Select(v => (v.Evaluator, (int)v.Accepted, (int)v.Rejected)));

        await core.DeleteAsync("t-1");
        Assert.Empty(await ReadAsync(core));
    }

    private static Verdict By(string evaluator, EvaluationStatus status) => new("t-1", status) { Evaluator = evaluator };

    private static Task<IReadOnlyList<VerdictPoint>> ReadAsync(TestCore core) =>
        core.Get<VerdictQueries>().SeriesAsync(Projects.Default, DateTime.UnixEpoch, SomeTrace.Now.AddYears(50), Cancel);

    /// <summary>Stores traces with the histories that an export carried.</summary>
    private static async Task RestoreAsync(TestCore core, Random random, int count)
    {
        PreparedTrace[] traces = [.. SomePrepared.Traces("t", count).Select(t => t with
        {
            History = [.. Enumerable.Range(0, random.Next(4)).Select(n => new Evaluation
            {
                ProjectId = Projects.Default,
                TraceId = t.Trace.TraceId,
                Status = (EvaluationStatus)random.Next(4),
                Version = n + 2,
                CreatedAt = SomeTrace.Now.AddMinutes(-random.Next(600)),
                Evaluator = Reviewers[random.Next(3)],
            })],
        })];
        await core.Get<ITraceStore>().InsertAsync(traces, Cancel);
    }

    private static async Task<List<VerdictPoint>> RecountAsync(TestCore core)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        List<Evaluation> entries = await db.Set<Evaluation>().OrderBy(e => e.Id).ToListAsync(Cancel);
        IEnumerable<Evaluation> given = entries.GroupBy(e => e.TraceId).SelectMany(history => history
            .Zip(history.Skip(1).Append(null), (entry, next) => (Entry: entry, Next: next))
            .Where(pair => pair.Next is null || pair.Next.Evaluator != pair.Entry.Evaluator)
            .Select(pair => pair.Entry));
        return
        [
            .. given
                .Where(e => e.Status is EvaluationStatus.Accepted or EvaluationStatus.Rejected)
                .GroupBy(e => (RollupGrain.Quarter.Floor(e.CreatedAt), e.Evaluator ?? VerdictCounts.Unnamed))
                .Select(g => new VerdictPoint(
                    g.Key.Item1, g.Key.Item2, g.Count(e => e.Status == EvaluationStatus.Accepted), g.Count(e => e.Status == EvaluationStatus.Rejected)))
                .OrderBy(v => v.Quarter).ThenBy(v => v.Evaluator, StringComparer.Ordinal),
        ];
    }
}
