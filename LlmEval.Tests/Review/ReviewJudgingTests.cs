using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

/// <summary>A verdict, and what comes after it.</summary>
public class ReviewJudgingTests
{
    [Theory, EveryDatabase]
    public Task TheNextTraceIsThereAtOnceAndTheVerdictIsSavedBehindIt(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        Assert.Equal(("t-02", "t-01"), (state.Current(), state.Next()));

        Task judging = state.JudgeAsync(new Judgement("t-02", EvaluationStatus.Rejected) { Reason = "Tone", Notes = "n", Tags = ["x"], CorrectedResponse = "better" });
        Assert.Equal("t-01", state.Current());

        await state.Verdicts.Saving;
        Evaluation entry = (await stand.Core.FindAsync("t-02"))!.Last!;
        Assert.Equal(
            (EvaluationStatus.Rejected, "Tone", "n", "better", "Ann", 2),
            (entry.Status, entry.Reason, entry.Notes, entry.CorrectedResponse, entry.Evaluator, entry.Version));
        Assert.Equal(["x"], entry.Tags!);
        Assert.Equal(["t-02"], stand.Saved);
        await Eventually.TrueAsync(() => state.Next() == "t-00");
        Assert.False(judging.IsCompleted);
    });

    [Theory, EveryDatabase]
    public Task AKeyPressedTwiceJudgesOneTrace(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        var accepted = new Judgement("t-02", EvaluationStatus.Accepted);

        _ = state.JudgeAsync(accepted);
        await state.JudgeAsync(accepted);

        await state.Verdicts.Saving;
        Assert.Single(state.Verdicts.Judged);
        Assert.Single((await stand.Core.FindAsync("t-02"))!.History);
    });

    [Theory, EveryDatabase]
    public Task TheSecondOfTwoVerdictsIsKeptAndMayInsist(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        await stand.Core.JudgeAsync(new Verdict("t-01", EvaluationStatus.Rejected) { Evaluator = "Bob" });

        _ = state.JudgeAsync(new Judgement("t-01", EvaluationStatus.Accepted) { Notes = "mine" });
        await state.Verdicts.Saving;

        Trouble trouble = Assert.Single(state.Verdicts.Troubles);
        Assert.Equal(("mine", "Bob"), (trouble.Mine.Notes, trouble.Theirs?.Last?.Evaluator));
        Assert.Empty(state.Verdicts.Judged);
        Assert.Null(state.Verdicts.Offered);
        Assert.Empty(stand.Saved);

        await state.Verdicts.InsistAsync(trouble);
        Assert.Empty(state.Verdicts.Troubles);
        Assert.Equal(["Bob", "Ann"], (await stand.Core.FindAsync("t-01"))!.History.Select(e => e.Evaluator));
    });

    [Theory, EveryDatabase]
    public Task LeavingTheOtherVerdictSavesNothing(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        await stand.Core.JudgeAsync(new Verdict("t-01", EvaluationStatus.Rejected) { Evaluator = "Bob" });
        _ = state.JudgeAsync(new Judgement("t-01", EvaluationStatus.Accepted));
        await state.Verdicts.Saving;

        state.Verdicts.Dismiss(Assert.Single(state.Verdicts.Troubles));

        Assert.Empty(state.Verdicts.Troubles);
        Assert.Single((await stand.Core.FindAsync("t-01"))!.History);
    });

    [Theory, EveryDatabase]
    public Task AVerdictGoesOnDownwardsToo(DatabaseKind kind) => ReviewStand.RunAsync(kind, 5, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        await state.Place.GoToAsync("t-02");

        _ = state.JudgeAsync(new Judgement("t-02", EvaluationStatus.Accepted));
        await state.Verdicts.Saving;

        await Eventually.TrueAsync(() => state.Next() == "t-00");
        Assert.Equal("t-01", state.Current());
    });

    [Theory, EveryDatabase]
    public Task AJudgedTraceThatIsLookedAtDoesNotComeNextAgain(DatabaseKind kind) => ReviewStand.RunAsync(kind, 4, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        _ = state.JudgeAsync(new Judgement("t-03", EvaluationStatus.Accepted));
        await state.Verdicts.Saving;
        await Eventually.TrueAsync(() => state.Next() == "t-01");

        await state.Place.GoToAsync("t-03");
        Assert.Equal(("t-03", "t-02"), (state.Current(), state.Next()));
        await state.Place.MoveAsync(1);

        Assert.Equal(("t-02", "t-01"), (state.Current(), state.Next()));
    });

    [Theory, EveryDatabase]
    public Task AVerdictHoldsForWhatWasSeenAndNotForWhatCameWhileItWasOnItsWay(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        var mine = new GivenJudgement(state.Place.Current!, new Judgement("t-01", EvaluationStatus.Accepted));
        await stand.Core.JudgeAsync(new Verdict("t-01", EvaluationStatus.Rejected) { Evaluator = "Bob" });
        await stand.TellAsync(state);
        Assert.Equal(EvaluationStatus.Rejected, state.Place.Current!.Trace.Status);

        _ = state.JudgeAsync(mine);
        await state.Verdicts.Saving;

        Assert.Equal("Bob", Assert.Single(state.Verdicts.Troubles).Theirs?.Last?.Evaluator);
        Assert.Equal(EvaluationStatus.Rejected, (await stand.Core.FindAsync("t-01"))!.Trace.Status);
    });

    [Theory, EveryDatabase]
    public Task ASecondLookAtWhatStandsComesToAnEnd(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        foreach (string traceId in (string[])["t-00", "t-01", "t-02"])
        {
            await stand.Core.JudgeAsync(new Verdict(traceId, EvaluationStatus.Accepted));
        }

        ReviewState state = await stand.OpenAsync(
            scope: new ReviewScope(TraceFilter.Everything with { Statuses = [EvaluationStatus.Accepted] }, ReviewOrder.Newest));
        foreach (string traceId in (string[])["t-02", "t-01", "t-00"])
        {
            Assert.Equal(traceId, state.Current());
            _ = state.JudgeAsync(new Judgement(traceId, EvaluationStatus.Accepted));
            await state.Verdicts.Saving;
            await state.Place.FillAsync();
        }

        Assert.Null(state.Place.Current);
        await state.UndoLastAsync();
        Assert.Equal(("t-00", null), (state.Current(), state.Next()));
        await state.SkipAsync();
        await state.ShowSkippedAsync();
        Assert.Equal("t-00", state.Current());
    });
}
