using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Review;

public class SharedTalliesTests
{
    [Theory, EveryDatabase]
    public Task WhoAsksAtOnceIsAnsweredByOneReading(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        DateTime since = SomeTrace.Now.Date;
        await stand.Core.JudgeAsync(new Verdict("t-00", EvaluationStatus.Accepted) { Evaluator = "Ann" });
        Assert.Equal([new ReviewerTally("Ann", 1, 0)], await AskAsync());

        await stand.Core.JudgeAsync(new Verdict("t-01", EvaluationStatus.Rejected) { Evaluator = "Ann" });
        Task<IReadOnlyList<ReviewerTally>>[] asked = [AskAsync(), AskAsync(), AskAsync()];
        Task<IReadOnlyList<ReviewerTally>[]> answered = Task.WhenAll(asked);
        await Eventually.TrueAsync(() =>
        {
            stand.Clock.Advance(SharedTallies.Interval);
            return answered.IsCompleted;
        });

        IReadOnlyList<ReviewerTally>[] answers = await answered;
        Assert.Equal([new ReviewerTally("Ann", 1, 1)], answers[0]);
        Assert.All(answers, answer => Assert.Same(answers[0], answer));

        // A desk is a page's own.
        Task<IReadOnlyList<ReviewerTally>> AskAsync() => stand.Desk.TallyAsync(since, TestContext.Current.CancellationToken);
    });
}
