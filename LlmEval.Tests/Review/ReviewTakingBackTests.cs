using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Tests.Support;
using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

/// <summary>What is skipped, and what is taken back.</summary>
public class ReviewTakingBackTests
{
    [Theory, EveryDatabase]
    public Task TheOfferToUndoEndsAndUndoDoesNot(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        Task judging = state.JudgeAsync(new Judgement("t-01", EvaluationStatus.Accepted) { Notes = "why" });
        await state.Verdicts.Saving;
        Assert.Equal("t-01", state.Verdicts.Offered?.Trace.TraceId);
        await UntilOfferEndsAsync(stand, judging);
        Assert.Null(state.Verdicts.Offered);

        await state.UndoLastAsync();

        Assert.Equal(("t-01", "why", "t-00"), (state.Current(), state.Place.Draft?.Notes, state.Next()));
        Assert.Empty(state.Verdicts.Judged);
        Assert.Equal([EvaluationStatus.Accepted, EvaluationStatus.Pending], (await stand.Core.FindAsync("t-01"))!.History.Select(e => e.Status));
    });

    [Theory, EveryDatabase]
    public Task WhatIsSkippedWaitsForOthersAndComesBackWhenAskedFor(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        await state.SkipAsync();
        Assert.Equal(("t-01", "t-00", 1), (state.Current(), state.Next(), state.SkippedCount));
        Assert.Equal("t-02", (await stand.OpenAsync("Bob")).Current());

        await state.SkipAsync();
        await state.SkipAsync();
        Assert.Equal((null, 3), (state.Current(), state.SkippedCount));

        await state.ShowSkippedAsync();
        Assert.Equal(0, state.SkippedCount);
        Assert.NotNull(state.Place.Current);
    });

    [Theory, EveryDatabase]
    public Task SkippingGoesOnDownwardsFromWhereOneStandsAndAtTheEndFromTheTop(DatabaseKind kind) => ReviewStand.RunAsync(kind, 5, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        await state.Place.MoveAsync(1);
        await state.Place.MoveAsync(1);
        Assert.Equal(("t-02", "t-01"), (state.Current(), state.Next()));

        await state.SkipAsync();
        Assert.Equal(("t-01", "t-00"), (state.Current(), state.Next()));
        await state.SkipAsync();
        Assert.Equal(("t-00", "t-04"), (state.Current(), state.Next()));
        await state.SkipAsync();

        Assert.Equal(("t-04", "t-03"), (state.Current(), state.Next()));
        Assert.Equal([false, false, true, true, true], state.Place.Ahead.Select(q => state.IsSkipped(q.Trace.TraceId)));
    });

    [Theory, EveryDatabase]
    public Task WhatWasSkippedSinceTheLastVerdictIsTakenBackFirst(DatabaseKind kind) => ReviewStand.RunAsync(kind, 4, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        _ = state.JudgeAsync(new Judgement("t-03", EvaluationStatus.Accepted));
        await state.Verdicts.Saving;
        await Eventually.TrueAsync(() => state.Next() == "t-01");
        await state.SkipAsync();
        Assert.Equal(("t-01", "t-02"), (state.Current(), state.OfferedSkip?.TraceId));

        await state.UndoLastAsync();

        Assert.Equal(("t-02", "t-01", 0, null), (state.Current(), state.Next(), state.SkippedCount, state.OfferedSkip));
        await state.UndoLastAsync();
        Assert.Equal("t-03", state.Current());
    });

    [Theory, EveryDatabase]
    public Task AVerdictOnTheTraceInViewIsTakenBackWithoutShowingItTwice(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        _ = state.JudgeAsync(new Judgement("t-02", EvaluationStatus.Accepted));
        await state.Verdicts.Saving;
        await state.Place.GoToAsync("t-02");

        await state.UndoLastAsync();

        Assert.Equal(("t-02", "t-01", EvaluationStatus.Pending), (state.Current(), state.Next(), state.Place.Current!.Trace.Status));
    });

    [Theory, EveryDatabase]
    public Task WhatWasJudgedTwiceIsTakenBackTwice(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        _ = state.JudgeAsync(new Judgement("t-01", EvaluationStatus.Accepted) { Notes = "first" });
        await state.Verdicts.Saving;
        await state.Place.GoToAsync("t-01");
        _ = state.JudgeAsync(new Judgement("t-01", EvaluationStatus.Rejected) { Notes = "second" });
        await state.Verdicts.Saving;

        await state.UndoLastAsync();
        Assert.Equal(("t-01", "second", EvaluationStatus.Accepted), (state.Current(), state.Place.Draft?.Notes, state.Place.Current!.Trace.Status));
        await state.UndoLastAsync();

        Assert.Equal(
            ("t-01", "first", EvaluationStatus.Pending, null),
            (state.Current(), state.Place.Draft?.Notes, state.Place.Current!.Trace.Status, state.Place.Remark));
    });

    [Theory, EveryDatabase]
    public Task TakingBackWhatIsShownForgetsThatVerdictAndNoOther(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        foreach (EvaluationStatus status in (EvaluationStatus[])[EvaluationStatus.Accepted, EvaluationStatus.Rejected])
        {
            await state.Place.GoToAsync("t-01");
            _ = state.JudgeAsync(new Judgement("t-01", status));
            await state.Verdicts.Saving;
        }

        await state.Place.GoToAsync("t-01");
        int seen = state.Place.Current!.Standing()[^1].Version;
        await Task.WhenAll(state.UndoCurrentAsync(seen), state.UndoCurrentAsync(seen));

        Assert.Equal(EvaluationStatus.Accepted, state.Place.Current!.Trace.Status);
        Assert.Equal(EvaluationStatus.Accepted, Assert.Single(state.Verdicts.Judged).Mine.Status);
    });

    [Theory, EveryDatabase]
    public Task AVerdictThatOthersChangedIsNotTakenBackAndThePageSaysWhy(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        _ = state.JudgeAsync(new Judgement("t-01", EvaluationStatus.Accepted) { Notes = "mine" });
        await state.Verdicts.Saving;
        await stand.Core.JudgeAsync(new Verdict("t-01", EvaluationStatus.Rejected) { Evaluator = "Bob", Reason = "Tone" });

        await state.UndoLastAsync();

        Assert.Equal(
            ("t-01", EvaluationStatus.Rejected, null, "Not taken back, because the trace was changed meanwhile. Bob has just said: rejected, Tone."),
            (state.Current(), state.Place.Current!.Trace.Status, state.Place.Draft, state.Place.Remark));
    });

    [Theory, EveryDatabase]
    public Task AVerdictOnATraceThatIsGoneIsNotTakenBackAndThePageSaysWhy(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        _ = state.JudgeAsync(new Judgement("t-01", EvaluationStatus.Accepted));
        await state.Verdicts.Saving;
        await stand.Core.DeleteAsync("t-01");

        await state.UndoLastAsync();

        Assert.Equal(("t-00", "Not taken back: this trace was deleted meanwhile."), (state.Current(), state.Place.Remark));
    });

    [Theory, EveryDatabase]
    public Task WhatIsSkippedAndThenJudgedElsewhereIsNotOfferedAnyMore(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        await state.SkipAsync();
        Assert.Equal("t-02", state.OfferedSkip?.TraceId);

        await stand.Core.JudgeAsync(new Verdict("t-02", EvaluationStatus.Rejected));
        await stand.TellAsync(state);

        Assert.Null(state.OfferedSkip);
    });

    [Theory, EveryDatabase]
    public Task ASkipPressedTwiceSkipsOneTrace(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();

        Task first = state.SkipAsync("t-02");
        await state.SkipAsync("t-02");
        await first;

        Assert.Equal(("t-01", "t-00", 1), (state.Current(), state.Next(), state.SkippedCount));
    });

    [Theory, EveryDatabase]
    public Task WhatIsOpenedByHandWhileItIsTakenDoesNotComeNextToo(DatabaseKind kind) => ReviewStand.RunAsync(kind, 5, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        var read = new TaskCompletionSource();
        int reads = 0;
        stand.Queries.AfterAnswer = () => reads++ == 0 ? read.Task : Task.CompletedTask;
        Task skipping = state.SkipAsync();
        await Eventually.TrueAsync(() => reads == 1);
        Assert.Equal(("t-03", null), (state.Current(), state.Next()));

        Task going = state.Place.GoToAsync("t-02");
        await Eventually.TrueAsync(() => state.Current() == "t-02");
        read.SetResult();
        await Task.WhenAll(skipping, going);

        Assert.Equal(("t-02", "t-01"), (state.Current(), state.Next()));
        Assert.Equal(["t-01", "t-02"], (await stand.Desk.LeasesAsync(["t-01", "t-02", "t-03"], TestContext.Current.CancellationToken)).Keys.Order());
    });

    /// <summary>The offer begins some time after the verdict is saved, so that the clock may have to be moved again.</summary>
    private static Task UntilOfferEndsAsync(ReviewStand stand, Task judging) => Eventually.TrueAsync(() =>
    {
        stand.Clock.Advance(GivenVerdicts.UndoOffered);
        return judging.IsCompleted;
    });
}
