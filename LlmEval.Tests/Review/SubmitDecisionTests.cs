using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Review;

public class SubmitDecisionTests
{
    [Theory, EveryDatabase]
    public async Task AVerdictStandsAndIsHistory(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());

        DecisionAnswer answer = await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Rejected)
        {
            Reason = "wrong",
            Notes = "It is \"not\"\nso, \\ é 😀",
            Tags = ["a,b", "{\"c\"}"],
            CorrectedResponse = "Better.",
            Evaluator = "ann",
        });

        Assert.Equal(ChangeOutcome.Applied, answer.Outcome);
        TraceDetail stored = (await core.FindAsync("t-1"))!;
        Assert.Equal((EvaluationStatus.Rejected, 2), (stored.Trace.Status, stored.Trace.Version));
        Evaluation entry = Assert.Single(stored.History);
        Assert.Equal((EvaluationStatus.Rejected, EvaluationStatus.Pending, 2), (entry.Status, entry.PreviousStatus, entry.Version));
        Assert.Equal(("wrong", "It is \"not\"\nso, \\ é 😀", "Better.", "ann"), (entry.Reason, entry.Notes, entry.CorrectedResponse, entry.Evaluator));
        Assert.Equal(["a,b", "{\"c\"}"], entry.Tags!);
        Assert.Equal(answer.Entry!.CreatedAt, entry.CreatedAt);
    }

    [Theory, EveryDatabase]
    public async Task UndoAndTheSameStatusAgainAreEntriesOfTheirOwn(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());

        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted));
        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted) { Notes = "still" });
        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Pending));

        TraceDetail stored = (await core.FindAsync("t-1"))!;
        Assert.Equal((EvaluationStatus.Pending, 4), (stored.Trace.Status, stored.Trace.Version));
        Assert.Equal(
            [(EvaluationStatus.Pending, EvaluationStatus.Accepted), (EvaluationStatus.Accepted, EvaluationStatus.Accepted), (EvaluationStatus.Accepted, EvaluationStatus.Pending)],
            stored.History.Select(e => (e.PreviousStatus, e.Status)));
    }

    [Theory, EveryDatabase]
    public async Task AHistoryEndsAtSoManyEntries(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        await core.AddHistoryAsync("t-1", HistoryRoom.MostEntries - 1);

        Assert.Equal(ChangeOutcome.Applied, (await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted))).Outcome);
        DecisionAnswer refused = await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Rejected));

        Assert.Equal(ChangeOutcome.Refused, refused.Outcome);
        Assert.Equal("trace_id: it has 1000 verdicts, and 1000 are the most that a trace keeps", Assert.Single(refused.Faults));
        TraceDetail full = (await core.FindAsync("t-1"))!;
        Assert.Equal(EvaluationStatus.Accepted, full.Trace.Status);

        // What should not have been the last can still be taken back.
        DecisionAnswer undone = await core.Get<UndoDecision>().RunAsync(Projects.Default, "t-1", full.Trace.Version, null, null, TestContext.Current.CancellationToken);
        Assert.Equal(ChangeOutcome.Applied, undone.Outcome);
    }

    [Theory, EveryDatabase]
    public async Task AHistoryEndsAtSoMuchText(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        string mebibyte = new('x', 1024 * 1024);
        await core.AddHistoryAsync("t-1", 7, mebibyte);

        Assert.Equal(ChangeOutcome.Applied, (await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted) { Notes = mebibyte, CorrectedResponse = mebibyte })).Outcome);
        DecisionAnswer refused = await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Rejected));

        Assert.Equal(ChangeOutcome.Refused, refused.Outcome);
        Assert.StartsWith("trace_id: its verdicts hold 16777216 characters", Assert.Single(refused.Faults), StringComparison.Ordinal);
    }

    [Theory, EveryDatabase]
    public async Task AVerdictIsAnnounced(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());

        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted) { Evaluator = "ann", Reason = "good" });

        LogEvent e = (await core.EventsAsync())[^1];
        Assert.Equal((2, EventAction.Evaluated, EvaluationStatus.Accepted, EvaluationStatus.Pending), (e.Id, e.Action, e.Status, e.PreviousStatus!.Value));
        JsonElement data = JsonDocument.Parse(e.Payload).RootElement.GetProperty("data");
        Assert.Equal("accepted pending ann good 2", string.Join(' ', new[] { "status", "previous_status", "evaluator", "reason", "version" }.Select(n => data.GetProperty(n).ToString())));
        Assert.Equal(2, core.Get<EventHub>().Head);
    }

    [Theory, EveryDatabase]
    public async Task OfTwoWhoSawTheSameVersionOneIsToldThatItMoved(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());

        DecisionAnswer[] answers = await Task.WhenAll(
            Task.Run(() => core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted) { ExpectedVersion = 1 })),
            Task.Run(() => core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Rejected) { ExpectedVersion = 1 })));

        Assert.Equal([ChangeOutcome.Applied, ChangeOutcome.Moved], answers.Select(a => a.Outcome).Order());
        TraceDetail stored = (await core.FindAsync("t-1"))!;
        Assert.Equal(answers.Single(a => a.Outcome == ChangeOutcome.Applied).Trace!.Status, stored.Trace.Status);
        Assert.Single(stored.History);
    }

    [Theory, EveryDatabase]
    public async Task ManyWithoutAnExpectationAllGetThrough(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());

        DecisionAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i =>
            Task.Run(() => core.JudgeAsync(new Verdict("t-1", (EvaluationStatus)(i % 4)) { Notes = $"{i}" }))));

        Assert.All(answers, a => Assert.Equal(ChangeOutcome.Applied, a.Outcome));
        TraceDetail stored = (await core.FindAsync("t-1"))!;
        Assert.Equal(13, stored.Trace.Version);
        Assert.Equal(Enumerable.Range(2, 12), stored.History.Select(e => e.Version));
        Assert.All(stored.History.Zip(stored.History.Skip(1)), pair => Assert.Equal(pair.First.Status, pair.Second.PreviousStatus));
    }

    [Theory, EveryDatabase]
    public async Task ATraceThatIsNotThereCannotBeJudged(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);

        Assert.Equal(ChangeOutcome.NotFound, (await core.JudgeAsync(new Verdict("no", EvaluationStatus.Accepted))).Outcome);
    }

    [Theory, EveryDatabase]
    public async Task TextThatNoDatabaseHoldsIsMended(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());

        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted) { Notes = "a\0b", CorrectedResponse = "cut \ud83d" });

        Evaluation entry = (await core.FindAsync("t-1"))!.History[0];
        Assert.Equal(("a\uFFFDb", "cut \uFFFD"), (entry.Notes, entry.CorrectedResponse));
    }

    [Fact]
    public async Task ATagThatIsRepeatedIsKeptOnce()
    {
        await using TestCore core = await StoredTraces.StartAsync(DatabaseKind.Sqlite);
        await core.StoreAsync(SomeTrace.New());

        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Rejected) { Tags = ["b", "a", "b"] });

        Assert.Equal(["b", "a"], (await core.FindAsync("t-1"))!.History[0].Tags!);
    }

    [Fact]
    public async Task RulesHoldForEveryCallerAndAllFaultsAreNamed()
    {
        await using TestCore core = await StoredTraces.StartAsync(DatabaseKind.Sqlite);
        await core.StoreAsync(SomeTrace.New());

        DecisionAnswer answer = await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted)
        {
            Reason = new string('x', 257),
            Evaluator = new string('x', 257),
            Notes = new string('é', (1 << 19) + 1),
            CorrectedResponse = new string('x', (1 << 20) + 1),
            Tags = [.. Enumerable.Repeat("t", 64), new string('x', 257)],
        });

        Assert.Equal(ChangeOutcome.Refused, answer.Outcome);
        Assert.Equal(["reason", "evaluator", "notes", "corrected_response", "tags"], answer.Faults.Select(f => f.Split(':')[0]));
        Assert.Empty((await core.FindAsync("t-1"))!.History);
    }
}
