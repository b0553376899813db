using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

/// <summary>How much waits, and how much is done.</summary>
public class ReviewCountsTests
{
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
    public Task TheQueueIsThereBeforeItIsCounted(DatabaseKind kind) => ReviewStand.RunAsync(kind, 2, async stand =>
    {
        ReviewState state = await stand.PrepareAsync(scope: new ReviewScope(TraceFilter.Everything with { HasError = false }, ReviewOrder.Newest));
        var counted = new TaskCompletionSource();
        stand.Queries.AfterEach = asked => asked.Contains("GROUP BY", StringComparison.Ordinal) ? counted.Task : Task.CompletedTask;

        Task opening = state.OpenAsync();

        await Eventually.TrueAsync(() => opening.IsCompleted);
        Assert.Equal(("t-01", "t-00", null), (state.Current(), state.Next(), state.Counts));
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
}
