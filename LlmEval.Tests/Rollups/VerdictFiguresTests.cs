using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Rollups;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;
using LlmEval.Tests.Support;

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
        await RestoreAsync(core, random, 40);
        for (int step = 0; step < 250; step++)
        {
            string id = $"t-{random.Next(40)}";
            string? by = Reviewers[random.Next(4)];
            await (random.Next(16) switch
            {
                0 => core.DeleteAsync(id),
                1 or 2 or 3 or 4 => core.TakeBackAsync(id, by),
                _ => (Task)core.JudgeAsync(new Verdict(id, (EvaluationStatus)random.Next(4)) { Evaluator = by }),
            });
        }

        List<VerdictPoint> counted = await core.RecountAsync();
        Assert.True(counted.Count > 5, $"Only {counted.Count} were counted.");
        Assert.Equal(counted, await core.CountedAsync());
        while (await core.Get<VerdictFolder>().FoldAsync(Cancel) > 0)
        {
        }

        Assert.Equal(counted, await core.CountedAsync());
        Assert.Equal(
            counted.Where(v => v.Evaluator != VerdictCounts.Unnamed)
                .GroupBy(v => v.Evaluator)
                .Select(g => new ReviewerTally(g.Key, (int)g.Sum(v => v.Accepted), (int)g.Sum(v => v.Rejected)))
                .OrderByDescending(t => t.Total).ThenBy(t => t.Reviewer, StringComparer.Ordinal),
            await core.Get<ReviewerQueries>().TallyAsync(Projects.Default, DateTime.UnixEpoch, Cancel));
    }

    [Theory, EveryDatabase]
    public async Task WhatAReviewerTakesBackOrChangesNoLongerCountsButAnotherOnesVerdictDoes(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());

        await core.JudgeAsync(By("ann", EvaluationStatus.Accepted));
        await core.JudgeAsync(By("ann", EvaluationStatus.Pending));
        Assert.Empty(await core.CountedAsync());

        await core.JudgeAsync(By("ann", EvaluationStatus.Accepted));
        await core.JudgeAsync(By("ann", EvaluationStatus.Rejected));
        await core.JudgeAsync(By("ben", EvaluationStatus.Accepted));
        Assert.Equal([("ann", 0, 1), ("ben", 1, 0)], await ReviewersAsync(core));

        await core.JudgeAsync(By("ann", EvaluationStatus.Accepted));
        Assert.Equal([("ann", 1, 0), ("ben", 1, 0)], await ReviewersAsync(core));

        await core.DeleteAsync("t-1");
        Assert.Empty(await core.CountedAsync());
    }

    [Theory, EveryDatabase]
    public async Task WhoTakesAVerdictBackCountsForWhatTheySaidBeforeAndForNothingElse(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());

        await core.JudgeAsync(By("ann", EvaluationStatus.Accepted));
        await core.JudgeAsync(By("ben", EvaluationStatus.Rejected));
        await core.TakeBackAsync("t-1", "ben");
        Assert.Equal([("ann", 1, 0)], await ReviewersAsync(core));

        await core.JudgeAsync(By("ann", EvaluationStatus.Rejected));
        Assert.Equal([("ann", 0, 1)], await ReviewersAsync(core));
        await core.TakeBackAsync("t-1", "ann");
        Assert.Equal([("ann", 1, 0)], await ReviewersAsync(core));

        await core.TakeBackAsync("t-1", "ann");
        Assert.Empty(await core.CountedAsync());
    }

    [Theory, EveryDatabase]
    public async Task ThatAnotherTakesAVerdictBackChangesNobodysCount(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());

        await core.JudgeAsync(By("ann", EvaluationStatus.Accepted));
        await core.TakeBackAsync("t-1", "ben");

        Assert.Equal(EvaluationStatus.Pending, (await core.FindAsync("t-1"))!.Trace.Status);
        Assert.Equal([("ann", 1, 0)], await ReviewersAsync(core));
    }

    private static Verdict By(string evaluator, EvaluationStatus status) => new("t-1", status) { Evaluator = evaluator };

    private static async Task<IEnumerable<(string, int, int)>> ReviewersAsync(TestCore core) =>
        (await core.CountedAsync()).Select(v => (v.Evaluator, (int)v.Accepted, (int)v.Rejected));

    /// <summary>Stores traces with the histories that an export carried.</summary>
    private static async Task RestoreAsync(TestCore core, Random random, int count)
    {
        PreparedTrace[] traces = [.. SomePrepared.Traces("t", count).Select(t => t with
        {
            History = [.. Enumerable.Range(0, random.Next(6)).Select(n => new Evaluation
            {
                ProjectId = Projects.Default,
                TraceId = t.Trace.TraceId,
                Status = (EvaluationStatus)random.Next(4),
                Version = n + 2,
                CreatedAt = SomeTrace.Now.AddMinutes(-random.Next(600)),
                Evaluator = Reviewers[random.Next(3)],
                Undoes = n > 0 && random.Next(3) == 0 ? random.Next(n) + 2 : null,
            })],
        })];
        await core.Get<ITraceStore>().InsertAsync(traces, Cancel);
    }
}
