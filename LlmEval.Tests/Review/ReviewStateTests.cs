using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

public class ReviewStateTests
{
    [Theory, EveryDatabase]
    public Task TheNextTraceIsThereAtOnceAndTheVerdictIsSavedBehindIt(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        Assert.Equal(("t-02", "t-01"), (Current(state), Next(state)));

        Task judging = state.JudgeAsync(new Judgement("t-02", EvaluationStatus.Rejected) { Reason = "Tone", Notes = "n", Tags = ["x"], CorrectedResponse = "better" });
        Assert.Equal("t-01", Current(state));

        await state.Verdicts.Saving;
        Evaluation entry = (await stand.Core.FindAsync("t-02"))!.Last!;
        Assert.Equal(
            (EvaluationStatus.Rejected, "Tone", "n", "better", "Ann", 2),
            (entry.Status, entry.Reason, entry.Notes, entry.CorrectedResponse, entry.Evaluator, entry.Version));
        Assert.Equal(["x"], entry.Tags!);
        Assert.Equal(["t-02"], stand.Saved);
        await Eventually.TrueAsync(() => Next(state) == "t-00");
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
    public Task TheOfferToUndoEndsAndUndoDoesNot(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        Task judging = state.JudgeAsync(new Judgement("t-01", EvaluationStatus.Accepted) { Notes = "why" });
        await state.Verdicts.Saving;
        Assert.Equal("t-01", state.Verdicts.Offered?.Trace.TraceId);
        await UntilOfferEndsAsync(stand, judging);
        Assert.Null(state.Verdicts.Offered);

        await state.UndoLastAsync();

        Assert.Equal(("t-01", "why", "t-00"), (Current(state), state.Place.Draft?.Notes, Next(state)));
        Assert.Empty(state.Verdicts.Judged);
        Assert.Equal([EvaluationStatus.Accepted, EvaluationStatus.Pending], (await stand.Core.FindAsync("t-01"))!.History.Select(e => e.Status));
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
    public Task WhatIsSkippedWaitsForOthersAndComesBackWhenAskedFor(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        await state.SkipAsync();
        Assert.Equal(("t-01", "t-00", 1), (Current(state), Next(state), state.SkippedCount));
        Assert.Equal("t-02", Current(await stand.OpenAsync("Bob")));

        await state.SkipAsync();
        await state.SkipAsync();
        Assert.Equal((null, 3), (Current(state), state.SkippedCount));

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
        Assert.Equal(("t-02", "t-01"), (Current(state), Next(state)));

        await state.SkipAsync();
        Assert.Equal(("t-01", "t-00"), (Current(state), Next(state)));
        await state.SkipAsync();
        Assert.Equal(("t-00", "t-04"), (Current(state), Next(state)));
        await state.SkipAsync();

        Assert.Equal(("t-04", "t-03"), (Current(state), Next(state)));
        Assert.Equal([false, false, true, true, true], state.Place.Ahead.Select(q => state.IsSkipped(q.Trace.TraceId)));
    });

    [Theory, EveryDatabase]
    public Task AVerdictGoesOnDownwardsToo(DatabaseKind kind) => ReviewStand.RunAsync(kind, 5, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        await state.Place.GoToAsync("t-02");

        _ = state.JudgeAsync(new Judgement("t-02", EvaluationStatus.Accepted));
        await state.Verdicts.Saving;

        await Eventually.TrueAsync(() => Next(state) == "t-00");
        Assert.Equal("t-01", Current(state));
    });

    [Theory, EveryDatabase]
    public Task WhatWasSkippedSinceTheLastVerdictIsTakenBackFirst(DatabaseKind kind) => ReviewStand.RunAsync(kind, 4, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        _ = state.JudgeAsync(new Judgement("t-03", EvaluationStatus.Accepted));
        await state.Verdicts.Saving;
        await Eventually.TrueAsync(() => Next(state) == "t-01");
        await state.SkipAsync();
        Assert.Equal(("t-01", "t-02"), (Current(state), state.OfferedSkip?.TraceId));

        await state.UndoLastAsync();

        Assert.Equal(("t-02", "t-01", 0, null), (Current(state), Next(state), state.SkippedCount, state.OfferedSkip));
        await state.UndoLastAsync();
        Assert.Equal("t-03", Current(state));
    });

    [Theory, EveryDatabase]
    public Task TwoAtOneQueueShareItAndSeeWhoHasWhat(DatabaseKind kind) => ReviewStand.RunAsync(kind, 5, async stand =>
    {
        ReviewState ann = await stand.OpenAsync();
        ReviewState bob = await stand.OpenAsync("Bob");

        Assert.Equal(["t-04", "t-03", "t-02", "t-01"], new[] { Current(ann), Next(ann), Current(bob), Next(bob) });
        await stand.TellAsync(ann);
        Assert.Equal(["Ann", "Ann", "Bob", "Bob", null], ann.Place.Ahead.Select(q => q.Lease?.Reviewer));

        // J passes over what Bob has.
        await ann.Place.MoveAsync(1);
        await ann.Place.MoveAsync(1);
        Assert.Equal("t-00", Current(ann));

        await ann.Place.GoToAsync("t-02");
        Assert.Equal("Bob has this trace open.", ann.Place.Remark);
    });

    [Theory, EveryDatabase]
    public Task WhoLeavesFreesWhatTheyHad(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState ann = await stand.OpenAsync();
        ReviewState bob = await stand.OpenAsync("Bob");
        Assert.Null(bob.Place.Current);

        await ann.DisposeAsync();
        await stand.TellAsync(bob);

        Assert.Equal(("t-01", "t-00"), (Current(bob), Next(bob)));
    });

    [Theory, EveryDatabase]
    public Task AVerdictElsewhereTakesTheNextTraceAwayAndRemarksOnTheCurrentOne(DatabaseKind kind) => ReviewStand.RunAsync(kind, 4, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        await stand.TellAsync(state);
        Assert.Equal(new QueueCounts(4, 0, 0, 0), state.Counts);

        await stand.Core.JudgeAsync(new Verdict("t-02", EvaluationStatus.Accepted) { Evaluator = "Bob" });
        await stand.Core.JudgeAsync(new Verdict("t-03", EvaluationStatus.Rejected) { Evaluator = "Bob", Reason = "Tone" });
        await stand.TellAsync(state);

        Assert.Equal(("t-03", "t-01", "Bob has just said: rejected, Tone."), (Current(state), Next(state), state.Place.Remark));
        Assert.Equal(EvaluationStatus.Rejected, state.Place.Current?.Trace.Status);
        Assert.Equal(["t-01", "t-00"], state.Place.Ahead.Select(q => q.Trace.TraceId));
        Assert.Equal(new QueueCounts(2, 0, 1, 1), state.Counts);

        await stand.Core.DeleteAsync("t-03");
        await stand.TellAsync(state);
        Assert.Equal(("t-03", "This trace was deleted just now."), (Current(state), state.Place.Remark));
    });

    [Theory, EveryDatabase]
    public Task WhatWasSaidSinceShowsAmongTheJudged(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        _ = state.JudgeAsync(new Judgement("t-01", EvaluationStatus.Accepted));
        await state.Verdicts.Saving;
        await stand.Core.JudgeAsync(new Verdict("t-01", EvaluationStatus.Rejected) { Evaluator = "Bob" });

        await stand.TellAsync(state);

        Assert.Equal(EvaluationStatus.Rejected, Assert.Single(state.Verdicts.Judged).Status);
    });

    [Theory, EveryDatabase]
    public Task ATraceThatArrivesIsTakenWhereOneIsMissing(DatabaseKind kind) => ReviewStand.RunAsync(kind, 0, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        Assert.Equal((null, false), (state.Place.Current, state.Place.Opening));

        await stand.Core.StoreAtAsync("new", 1);
        await stand.TellAsync(state);

        Assert.Equal("new", Current(state));
    });

    [Theory, EveryDatabase]
    public Task AfterEventsWereMissedEverythingIsReadAnew(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        await stand.Core.JudgeAsync(new Verdict("t-02", EvaluationStatus.Accepted));

        await state.TakeAsync(new LiveBatch([], Missed: true));
        await state.Counting;

        Assert.Equal((EvaluationStatus.Accepted, new QueueCounts(2, 0, 1, 0)), (state.Place.Current!.Trace.Status, state.Counts!));
        Assert.Equal(["t-01", "t-00"], state.Place.Ahead.Select(q => q.Trace.TraceId));
    });

    [Theory, EveryDatabase]
    public Task ALeaseThatRanOutIsNotKept(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState ann = await stand.OpenAsync();
        stand.Clock.Advance(TraceLeases.Length);
        ReviewState bob = await stand.OpenAsync("Bob");
        Assert.Equal(("t-02", "t-01"), (Current(bob), Next(bob)));

        await ann.Place.RenewAsync();

        Assert.Equal(("t-02", "Bob has this trace open.", "t-00"), (Current(ann), ann.Place.Remark, Next(ann)));
    });

    [Theory, EveryDatabase]
    public Task ALeaseThatRanOutAndThatNobodyTookIsTakenAgain(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState ann = await stand.OpenAsync();
        await stand.Desk.ReleaseAllAsync(ann.Place.Holder);

        await ann.Place.RenewAsync();

        Assert.Equal(("t-02", null, "t-01"), (Current(ann), ann.Place.Remark, Next(ann)));
        Assert.Equal("t-00", Current(await stand.OpenAsync("Bob")));
    });

    [Theory, EveryDatabase]
    public Task AJudgedTraceThatIsLookedAtDoesNotComeNextAgain(DatabaseKind kind) => ReviewStand.RunAsync(kind, 4, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        _ = state.JudgeAsync(new Judgement("t-03", EvaluationStatus.Accepted));
        await state.Verdicts.Saving;
        await Eventually.TrueAsync(() => Next(state) == "t-01");

        await state.Place.GoToAsync("t-03");
        Assert.Equal(("t-03", "t-02"), (Current(state), Next(state)));
        await state.Place.MoveAsync(1);

        Assert.Equal(("t-02", "t-01"), (Current(state), Next(state)));
    });

    [Theory, EveryDatabase]
    public Task WhatSomebodyElseHasDoesNotComeNextForHavingBeenLookedAt(DatabaseKind kind) => ReviewStand.RunAsync(kind, 5, async stand =>
    {
        ReviewState ann = await stand.OpenAsync();
        await stand.OpenAsync("Bob");
        await ann.Place.GoToAsync("t-02");

        await ann.Place.GoToAsync("t-00");

        Assert.Equal(("t-00", "t-04"), (Current(ann), Next(ann)));
    });

    [Theory, EveryDatabase]
    public Task AVerdictOnTheTraceInViewIsTakenBackWithoutShowingItTwice(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        _ = state.JudgeAsync(new Judgement("t-02", EvaluationStatus.Accepted));
        await state.Verdicts.Saving;
        await state.Place.GoToAsync("t-02");

        await state.UndoLastAsync();

        Assert.Equal(("t-02", "t-01", EvaluationStatus.Pending), (Current(state), Next(state), state.Place.Current!.Trace.Status));
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
        Assert.Equal(("t-01", "second", EvaluationStatus.Accepted), (Current(state), state.Place.Draft?.Notes, state.Place.Current!.Trace.Status));
        await state.UndoLastAsync();

        Assert.Equal(
            ("t-01", "first", EvaluationStatus.Pending, null),
            (Current(state), state.Place.Draft?.Notes, state.Place.Current!.Trace.Status, state.Place.Remark));
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
            (Current(state), state.Place.Current!.Trace.Status, state.Place.Draft, state.Place.Remark));
    });

    [Theory, EveryDatabase]
    public Task AVerdictOnATraceThatIsGoneIsNotTakenBackAndThePageSaysWhy(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        _ = state.JudgeAsync(new Judgement("t-01", EvaluationStatus.Accepted));
        await state.Verdicts.Saving;
        await stand.Core.DeleteAsync("t-01");

        await state.UndoLastAsync();

        Assert.Equal(("t-00", "Not taken back: this trace was deleted meanwhile."), (Current(state), state.Place.Remark));
    });

    [Theory, EveryDatabase]
    public Task AfterEventsWereMissedTheNextTraceMustStillWait(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        await stand.Core.JudgeAsync(new Verdict("t-01", EvaluationStatus.Accepted));

        await state.TakeAsync(new LiveBatch([], Missed: true));

        Assert.Equal(("t-02", "t-00"), (Current(state), Next(state)));
    });

    [Theory, EveryDatabase]
    public Task WhatWaitsIsWhatTheQueueAsksFor(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        foreach (string traceId in (string[])["t-00", "t-01", "t-02"])
        {
            await stand.Core.JudgeAsync(new Verdict(traceId, EvaluationStatus.Rejected));
        }

        ReviewState state = await stand.OpenAsync(
            scope: new ReviewScope(TraceFilter.Everything with { Statuses = [EvaluationStatus.Rejected] }, ReviewOrder.Newest));
        await stand.Core.JudgeAsync(new Verdict("t-00", EvaluationStatus.Pending));
        await stand.TellAsync(state);

        Assert.Equal(["t-02", "t-01"], state.Place.Ahead.Select(q => q.Trace.TraceId));
    });

    [Theory, EveryDatabase]
    public Task AnEventThatComesAfterACountThatHoldsItIsNotCountedAgain(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        Assert.Equal(new QueueCounts(2, 0, 0, 0), state.Counts);

        await state.TakeAsync(new LiveBatch(await stand.Core.EventsAsync(), Missed: false));
        await state.Counting;
        Assert.Equal(new QueueCounts(2, 0, 0, 0), state.Counts);

        await stand.Core.StoreAtAsync("new", 10);
        await stand.TellAsync(state);
        Assert.Equal(new QueueCounts(3, 0, 0, 0), state.Counts);
    });

    [Theory, EveryDatabase]
    public Task LeasesAreAskedForWhenTheyMayHaveChanged(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState ann = await stand.OpenAsync();
        await stand.Desk.TryLeaseAsync("t-00", ReviewCore.Bob, TestContext.Current.CancellationToken);

        await stand.TellAsync(ann, signalled: false);
        Assert.Null(ann.Place.Ahead[2].Lease);
        await stand.TellAsync(ann, signalled: true);
        Assert.Equal("Bob", ann.Place.Ahead[2].Lease?.Reviewer);
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
    public Task ACountThatCameTooSoonIsMadeAgainByItself(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        // Events do not say whether they are of a queue of this kind.
        ReviewState state = await stand.OpenAsync(scope: new ReviewScope(TraceFilter.Everything with { HasError = false }, ReviewOrder.Newest));
        Assert.Equal(3, state.Counts!.Pending);

        await stand.Core.JudgeAsync(new Verdict("t-00", EvaluationStatus.Rejected) { Evaluator = "Bob" });
        await stand.TellAsync(state);
        stand.Clock.Advance(TimeSpan.FromSeconds(31));

        await Eventually.TrueAsync(() => state.Counts!.Pending == 2);
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
    public Task ASkipPressedTwiceSkipsOneTrace(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();

        Task first = state.SkipAsync("t-02");
        await state.SkipAsync("t-02");
        await first;

        Assert.Equal(("t-01", "t-00", 1), (Current(state), Next(state), state.SkippedCount));
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
        Assert.Equal(("t-03", null), (Current(state), Next(state)));

        Task going = state.Place.GoToAsync("t-02");
        await Eventually.TrueAsync(() => Current(state) == "t-02");
        read.SetResult();
        await Task.WhenAll(skipping, going);

        Assert.Equal(("t-02", "t-01"), (Current(state), Next(state)));
        Assert.Equal(["t-01", "t-02"], (await stand.Desk.LeasesAsync(["t-01", "t-02", "t-03"], TestContext.Current.CancellationToken)).Keys.Order());
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
            Assert.Equal(traceId, Current(state));
            _ = state.JudgeAsync(new Judgement(traceId, EvaluationStatus.Accepted));
            await state.Verdicts.Saving;
            await state.Place.FillAsync();
        }

        Assert.Null(state.Place.Current);
        await state.UndoLastAsync();
        Assert.Equal(("t-00", null), (Current(state), Next(state)));
        await state.SkipAsync();
        await state.ShowSkippedAsync();
        Assert.Equal("t-00", Current(state));
    });

    [Theory, EveryDatabase]
    public Task TheQueueIsThereBeforeItIsCounted(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.PrepareAsync(scope: new ReviewScope(TraceFilter.Everything with { HasError = false }, ReviewOrder.Newest));
        var counted = new TaskCompletionSource();
        stand.Queries.AfterEach = asked => asked.Contains("GROUP BY", StringComparison.Ordinal) ? counted.Task : Task.CompletedTask;

        Task opening = state.OpenAsync();

        await Eventually.TrueAsync(() => opening.IsCompleted);
        Assert.Equal(("t-01", "t-00", null), (Current(state), Next(state), state.Counts));
        counted.SetResult();
        await state.Counting;
        Assert.Equal(2, state.Counts!.Pending);
    });

    [Theory, EveryDatabase]
    public Task WhatComesAndGoesIsCountedTooWhereEventsDoNotTellEnough(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync(scope: new ReviewScope(TraceFilter.Everything with { HasError = false }, ReviewOrder.Newest));
        Assert.Equal(3, state.Counts!.Pending);

        await stand.Core.StoreAtAsync("new", 10);
        await stand.TellAsync(state);
        stand.Clock.Advance(TimeSpan.FromSeconds(31));
        await Eventually.TrueAsync(() => state.Counts!.Pending == 4);

        await stand.Core.DeleteAsync("t-00");
        await stand.Core.DeleteAsync("t-01");
        await stand.TellAsync(state);
        stand.Clock.Advance(TimeSpan.FromSeconds(31));
        await Eventually.TrueAsync(() => state.Counts!.Pending == 2);
    });

    private static string? Current(ReviewState state) => state.Place.Current?.Trace.TraceId;

    private static string? Next(ReviewState state) => state.Place.Next?.Trace.TraceId;

    /// <summary>The offer begins some time after the verdict is saved, so that the clock may have to be moved again.</summary>
    private static Task UntilOfferEndsAsync(ReviewStand stand, Task judging) => Eventually.TrueAsync(() =>
    {
        stand.Clock.Advance(GivenVerdicts.UndoOffered);
        return judging.IsCompleted;
    });
}
