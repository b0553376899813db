using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Review;

public class UndoDecisionTests
{
    [Theory, EveryDatabase]
    public async Task TheTraceStandsAsBeforeAndTheHistoryAndTheLogTellOfIt(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        DecisionAnswer verdict = await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Rejected) { Reason = "wrong", Evaluator = "Ann" });

        DecisionAnswer undone = await UndoAsync(core, verdict);

        Assert.Equal(ChangeOutcome.Applied, undone.Outcome);
        TraceDetail stored = (await core.FindAsync("t-1"))!;
        Assert.Equal((EvaluationStatus.Pending, 3), (stored.Trace.Status, stored.Trace.Version));
        Assert.Equal([EvaluationStatus.Rejected, EvaluationStatus.Pending], stored.History.Select(e => e.Status));
        Assert.Equal(("Bob", null), (stored.Last!.Evaluator, stored.Last.Reason));
        LogEvent e = (await core.EventsAsync())[^1];
        Assert.Equal((EventAction.Evaluated, EvaluationStatus.Pending, EvaluationStatus.Rejected), (e.Action, e.Status, e.PreviousStatus!.Value));
    }

    [Theory, EveryDatabase]
    public async Task AnEarlierVerdictComesBackWithAllThatWasSaid(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Rejected) { Reason = "wrong", Notes = "n", Tags = ["t"], CorrectedResponse = "c" });
        DecisionAnswer verdict = await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted));

        DecisionAnswer undone = await UndoAsync(core, verdict);
        Evaluation last = (await core.FindAsync("t-1"))!.Last!;
        Assert.Equal((EvaluationStatus.Rejected, "wrong", "n", "c"), (last.Status, last.Reason, last.Notes, last.CorrectedResponse));
        Assert.Equal(["t"], last.Tags!);

        // Undoing is no verdict: there is nothing of it to take back.
        Assert.Equal(ChangeOutcome.Moved, (await UndoAsync(core, undone)).Outcome);
        Assert.Equal(EvaluationStatus.Rejected, (await core.FindAsync("t-1"))!.Trace.Status);
    }

    [Theory, EveryDatabase]
    public async Task OneAfterTheOtherAllVerdictsAreTakenBack(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        DecisionAnswer first = await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Rejected) { Reason = "wrong" });
        DecisionAnswer second = await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted));
        await UndoAsync(core, second);
        DecisionAnswer third = await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.InReview));

        Assert.Equal(ChangeOutcome.Applied, (await UndoAsync(core, third)).Outcome);
        Evaluation again = (await core.FindAsync("t-1"))!.Last!;
        Assert.Equal((EvaluationStatus.Rejected, "wrong"), (again.Status, again.Reason));
        Assert.Equal(ChangeOutcome.Applied, (await UndoAsync(core, first)).Outcome);

        TraceDetail stored = (await core.FindAsync("t-1"))!;
        Assert.Equal(EvaluationStatus.Pending, stored.Trace.Status);
        Assert.Equal([null, null, 3, null, 5, 2], stored.History.Select(e => e.Undoes));
        Assert.Empty(stored.Standing());
        Assert.Equal(ChangeOutcome.Moved, (await UndoAsync(core, first)).Outcome);
    }

    [Theory, EveryDatabase]
    public async Task OnlyTheLastVerdictCanBeTakenBack(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        DecisionAnswer first = await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Rejected));
        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted));

        Assert.Equal(ChangeOutcome.Moved, (await UndoAsync(core, first)).Outcome);
        Assert.Equal(EvaluationStatus.Accepted, (await core.FindAsync("t-1"))!.Trace.Status);
    }

    [Theory, EveryDatabase]
    public async Task AnAmendmentSinceDoesNotStandInTheWay(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        DecisionAnswer verdict = await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted));
        await core.AmendAsync("t-1", """{"metadata":{"a":1}}""");

        Assert.Equal(ChangeOutcome.Applied, (await UndoAsync(core, verdict)).Outcome);
        Assert.Equal(EvaluationStatus.Pending, (await core.FindAsync("t-1"))!.Trace.Status);
    }

    private static Task<DecisionAnswer> UndoAsync(TestCore core, DecisionAnswer verdict) => core.Get<UndoDecision>()
        .RunAsync(Projects.Default, verdict.Entry!.TraceId, verdict.Entry.Version, "Bob", actor: null, TestContext.Current.CancellationToken);
}
