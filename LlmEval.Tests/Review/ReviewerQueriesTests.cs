using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Review;

public class ReviewerQueriesTests
{
    [Theory, EveryDatabase]
    public async Task TracesAreCountedByWhoJudgedThemWithoutWhatTheyTookBack(DatabaseKind kind)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(SomeTrace.Now));
        await using TestCore core = await ReviewCore.StartAsync(kind, clock);
        await core.StoreManyAsync(6);
        await JudgeAsync("t-00", EvaluationStatus.Accepted, "Ann");
        clock.Advance(TimeSpan.FromHours(1));
        DateTime since = clock.GetUtcNow().UtcDateTime;

        await JudgeAsync("t-01", EvaluationStatus.Accepted, "Ann");
        await JudgeAsync("t-01", EvaluationStatus.Rejected, "Ann");
        await JudgeAsync("t-02", EvaluationStatus.Accepted, "Ann");
        await JudgeAsync("t-02", EvaluationStatus.Rejected, "Bob");
        await JudgeAsync("t-03", EvaluationStatus.Accepted, "Bob");
        await JudgeAsync("t-03", EvaluationStatus.Pending, "Bob");
        await JudgeAsync("t-04", EvaluationStatus.InReview, "Cem");
        await JudgeAsync("t-05", EvaluationStatus.Accepted, null);

        Assert.Equal(
            [new ReviewerTally("Ann", 1, 1), new ReviewerTally("Bob", 0, 1)],
            await core.Get<ReviewerQueries>().TallyAsync(Projects.Default, since, TestContext.Current.CancellationToken));

        async Task JudgeAsync(string traceId, EvaluationStatus status, string? by) =>
            await core.JudgeAsync(new Verdict(traceId, status) { Evaluator = by });
    }

    [Theory, EveryDatabase]
    public async Task WhatStandsAgainAfterAnUndoCountsForWhoSaidIt(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreManyAsync(3);
        await core.JudgeAsync(new Verdict("t-00", EvaluationStatus.Accepted) { Evaluator = "Ann" });
        await JudgeAndUndoAsync("t-00", "Bob");
        await core.JudgeAsync(new Verdict("t-01", EvaluationStatus.Accepted) { Evaluator = "Cem" });
        await JudgeAndUndoAsync("t-01", "Cem");
        await JudgeAndUndoAsync("t-02", "Dan");

        Assert.Equal(
            [new ReviewerTally("Ann", 1, 0), new ReviewerTally("Cem", 1, 0)],
            await core.Get<ReviewerQueries>().TallyAsync(Projects.Default, SomeTrace.Now.Date, TestContext.Current.CancellationToken));

        async Task JudgeAndUndoAsync(string traceId, string by)
        {
            DecisionAnswer given = await core.JudgeAsync(new Verdict(traceId, EvaluationStatus.Rejected) { Evaluator = by });
            await core.Get<UndoDecision>().RunAsync(
                Projects.Default, traceId, given.Entry!.Version, by, actor: null, TestContext.Current.CancellationToken);
        }
    }
}
