using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

/// <summary>What others do while somebody reviews.</summary>
public class ReviewOthersTests
{
    [Theory, EveryDatabase]
    public Task TwoAtOneQueueShareItAndSeeWhoHasWhat(DatabaseKind kind) => ReviewStand.RunAsync(kind, 5, async stand =>
    {
        ReviewState ann = await stand.OpenAsync();
        ReviewState bob = await stand.OpenAsync("Bob");

        Assert.Equal(["t-04", "t-03", "t-02", "t-01"], new[] { ann.Current(), ann.Next(), bob.Current(), bob.Next() });
        await stand.TellAsync(ann);
        Assert.Equal(["Ann", "Ann", "Bob", "Bob", null], ann.Place.Ahead.Select(q => q.Lease?.Reviewer));

        // J passes over what Bob has.
        await ann.Place.MoveAsync(1);
        await ann.Place.MoveAsync(1);
        Assert.Equal("t-00", ann.Current());

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

        Assert.Equal(("t-01", "t-00"), (bob.Current(), bob.Next()));
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

        Assert.Equal(("t-03", "t-01", "Bob has just said: rejected, Tone."), (state.Current(), state.Next(), state.Place.Remark));
        Assert.Equal(EvaluationStatus.Rejected, state.Place.Current?.Trace.Status);
        Assert.Equal(["t-01", "t-00"], state.Place.Ahead.Select(q => q.Trace.TraceId));
        Assert.Equal(new QueueCounts(2, 0, 1, 1), state.Counts);

        await stand.Core.DeleteAsync("t-03");
        await stand.TellAsync(state);
        Assert.Equal(("t-03", "This trace was deleted just now."), (state.Current(), state.Place.Remark));
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

        Assert.Equal("new", state.Current());
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
        Assert.Equal(("t-02", "t-01"), (bob.Current(), bob.Next()));

        await ann.Place.RenewAsync();

        Assert.Equal(("t-02", "Bob has this trace open.", "t-00"), (ann.Current(), ann.Place.Remark, ann.Next()));
    });

    [Theory, EveryDatabase]
    public Task ALeaseThatRanOutAndThatNobodyTookIsTakenAgain(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState ann = await stand.OpenAsync();
        await stand.Desk.ReleaseAllAsync(ann.Place.Holder);

        await ann.Place.RenewAsync();

        Assert.Equal(("t-02", null, "t-01"), (ann.Current(), ann.Place.Remark, ann.Next()));
        Assert.Equal("t-00", (await stand.OpenAsync("Bob")).Current());
    });

    [Theory, EveryDatabase]
    public Task WhatSomebodyElseHasDoesNotComeNextForHavingBeenLookedAt(DatabaseKind kind) => ReviewStand.RunAsync(kind, 5, async stand =>
    {
        ReviewState ann = await stand.OpenAsync();
        await stand.OpenAsync("Bob");
        await ann.Place.GoToAsync("t-02");

        await ann.Place.GoToAsync("t-00");

        Assert.Equal(("t-00", "t-04"), (ann.Current(), ann.Next()));
    });

    [Theory, EveryDatabase]
    public Task AfterEventsWereMissedTheNextTraceMustStillWait(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState state = await stand.OpenAsync();
        await stand.Core.JudgeAsync(new Verdict("t-01", EvaluationStatus.Accepted));

        await state.TakeAsync(new LiveBatch([], Missed: true));

        Assert.Equal(("t-02", "t-00"), (state.Current(), state.Next()));
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
    public Task LeasesAreAskedForWhenTheyMayHaveChanged(DatabaseKind kind) => ReviewStand.RunAsync(kind, 3, async stand =>
    {
        ReviewState ann = await stand.OpenAsync();
        await stand.Desk.TryLeaseAsync("t-00", ReviewCore.Bob, TestContext.Current.CancellationToken);

        await stand.TellAsync(ann, signalled: false);
        Assert.Null(ann.Place.Ahead[2].Lease);
        await stand.TellAsync(ann, signalled: true);
        Assert.Equal("Bob", ann.Place.Ahead[2].Lease?.Reviewer);
    });
}
