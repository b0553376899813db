using System.Text;
using LlmEval.Core.Amending;
using LlmEval.Core.Events;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Amending;

public class AmendTraceTests
{
    [Theory, EveryDatabase]
    public async Task GivenFieldsAreMergedAndTheRestStays(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New(
            ("metadata", """{"keep": 1e999999, "über":"x", "deep": {"a": 1, "b": [1, 2]}, "gone": true}"""),
            ("cost", "0.10"), ("response_time_ms", "12.5"), ("system_prompt", "\"be kind\""), ("tags", """["a"]""")));
        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted));
        Trace before = (await core.FindAsync("t-1"))!.Trace;

        AmendAnswer answer = await core.AmendAsync(
            "t-1", """{"model_name":"other","cost":null,"metadata":{"gone":null,"deep":{"b":-0.50,"c":{"d":null,"e":1}}},"timestamp":"2026-05-03T01:02:03Z"}""");

        Assert.Equal(ChangeOutcome.Applied, answer.Outcome);
        TraceDetail stored = (await core.FindAsync("t-1"))!;
        Trace after = stored.Trace;
        Assert.Equal(("other", null, "be kind", 12.5), (after.ModelName, after.Cost, after.SystemPrompt, after.ResponseTimeMs));
        Assert.Equal("""{"keep":1e999999,"über":"x","deep":{"a":1,"b":-0.50,"c":{"e":1}}}""", after.Metadata);
        Assert.Equal(new DateTime(2026, 5, 3, 1, 2, 3, DateTimeKind.Utc), after.Timestamp);
        Assert.Equal((EvaluationStatus.Accepted, 3), (after.Status, after.Version));
        Assert.Equal((before.UserQuery, before.AiResponse, before.ReceivedAt), (after.UserQuery, after.AiResponse, after.ReceivedAt));
        Assert.Equal(before.ContentHash, after.ContentHash);
        Assert.Equal(["a"], after.Tags!);
        Assert.Single(stored.History);
        LogEvent e = (await core.EventsAsync())[^1];
        Assert.Equal((EventAction.UpdatedTrace, "other", EvaluationStatus.Accepted), (e.Action, e.ModelName, e.Status));
        Assert.Equal("other", TraceEvents.ReadSummary(e.Payload)!.ModelName);
    }

    [Fact]
    public async Task ASumOfTokensFollowsItsParts()
    {
        await using TestCore core = await StoredTraces.StartAsync(DatabaseKind.Sqlite);
        await core.StoreAsync(
            SomeTrace.New(("trace_id", "\"sum\""), ("prompt_tokens", "10"), ("completion_tokens", "5")),
            SomeTrace.New(("trace_id", "\"own\""), ("prompt_tokens", "10"), ("completion_tokens", "5"), ("tokens_used", "20")));

        Assert.Equal(16, (await core.AmendAsync("sum", """{"completion_tokens":6}""")).Trace!.TokensUsed);
        Assert.Equal(20, (await core.AmendAsync("own", """{"completion_tokens":6}""")).Trace!.TokensUsed);
        Assert.Equal(16, (await core.AmendAsync("own", """{"tokens_used":null}""")).Trace!.TokensUsed);
        Assert.Null((await core.AmendAsync("own", """{"prompt_tokens":null,"completion_tokens":null}""")).Trace!.TokensUsed);
    }

    [Fact]
    public async Task AFieldThatCameFromMetadataFollowsIt()
    {
        await using TestCore core = await StoredTraces.StartAsync(DatabaseKind.Sqlite);
        await core.StoreAsync(
            SomeTrace.New(("trace_id", "\"found\""), ("metadata", """{"session_id":"s1","tags":["a"]}""")),
            SomeTrace.New(("trace_id", "\"own\""), ("session_id", "\"mine\""), ("metadata", """{"session_id":"s1"}""")));

        Trace found = (await core.AmendAsync("found", """{"metadata":{"session_id":"s2","tags":["b"]}}""")).Trace!;
        Assert.Equal(("s2", "b"), (found.SessionId, found.Tags!.Single()));
        Trace own = (await core.AmendAsync("own", """{"metadata":{"session_id":"s2"}}""")).Trace!;
        Assert.Equal("mine", own.SessionId);
        Trace cleared = (await core.AmendAsync("found", """{"session_id":null}""")).Trace!;
        Assert.Null(cleared.SessionId);
        Assert.Null((await core.AmendAsync("found", """{"cost":1}""")).Trace!.SessionId);
        Assert.Null((await core.AmendAsync("own", """{"metadata":null,"session_id":null}""")).Trace!.Metadata);
    }

    [Fact]
    public async Task WhetherThereIsAnErrorIsDecidedAnew()
    {
        await using TestCore core = await StoredTraces.StartAsync(DatabaseKind.Sqlite);
        await core.StoreAsync(SomeTrace.New(("error", """{"message":"boom"}"""), ("functions_called", """[{"name":"f","error":"x"}]""")));

        Assert.True((await core.AmendAsync("t-1", """{"error":null}""")).Trace!.HasError);
        Assert.False((await core.AmendAsync("t-1", """{"functions_called":[{"name":"f"}]}""")).Trace!.HasError);
        Trace replaced = (await core.AmendAsync("t-1", """{"error":{"code":7}}""")).Trace!;
        Assert.Equal(("""{"code":7}""", true), (replaced.Error, replaced.HasError));
    }

    [Fact]
    public async Task AllFaultsAreNamedAtOnceAndNothingChanges()
    {
        await using TestCore core = await StoredTraces.StartAsync(DatabaseKind.Sqlite);
        await core.StoreAsync(SomeTrace.New());

        AmendAnswer answer = await core.AmendAsync(
            "t-1",
            """{"trace_id":"t-2","surprise":1,"_llmeval":{},"cost":-1,"model_name":null,"metadata":7,"timestamp":"2099-01-01T00:00:00Z","expected_version":"1"}""");

        Assert.Equal(ChangeOutcome.Refused, answer.Outcome);
        Assert.Equal(
            ["_llmeval", "cost", "expected_version", "metadata", "model_name", "surprise", "timestamp", "trace_id"],
            answer.Faults.Select(f => f.Split(':')[0]).Order(StringComparer.Ordinal));
        Assert.Equal(1, (await core.FindAsync("t-1"))!.Trace.Version);
        Assert.Single(await core.EventsAsync());
    }

    [Fact]
    public async Task NothingGivenChangesNothing()
    {
        await using TestCore core = await StoredTraces.StartAsync(DatabaseKind.Sqlite);
        await core.StoreAsync(SomeTrace.New());

        AmendAnswer answer = await core.AmendAsync("t-1", "{}");

        Assert.Equal((ChangeOutcome.Applied, 1), (answer.Outcome, answer.Trace!.Version));
        Assert.Equal(ChangeOutcome.NotFound, (await core.AmendAsync("no", "{}")).Outcome);
    }

    [Theory, EveryDatabase]
    public async Task APatchThatIsSentAgainChangesNothing(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        const string Patch = """{"cost":0.5,"tags":["a","b"],"metadata":{"k":{"é":[1,2]},"gone":null},"ai_response":"other","timestamp":"2026-01-02T03:04:05Z"}""";

        await core.AmendAsync("t-1", Patch);
        AmendAnswer again = await core.AmendAsync("t-1", Patch);

        Assert.Equal((ChangeOutcome.Applied, 2), (again.Outcome, again.Trace!.Version));
        Assert.Equal(2, (await core.EventsAsync()).Count);
        Assert.Equal(3, (await core.AmendAsync("t-1", """{"tags":["b","a"]}""")).Trace!.Version);
    }

    [Fact]
    public async Task TheExpectedVersionDecides()
    {
        await using TestCore core = await StoredTraces.StartAsync(DatabaseKind.Sqlite);
        await core.StoreAsync(SomeTrace.New());

        Assert.Equal(ChangeOutcome.Applied, (await core.AmendAsync("t-1", """{"cost":1,"expected_version":1}""")).Outcome);
        Assert.Equal(ChangeOutcome.Moved, (await core.AmendAsync("t-1", """{"cost":2,"expected_version":1}""")).Outcome);
        Assert.Equal(ChangeOutcome.Moved, (await core.AmendAsync("t-1", """{"cost":2}""", expectedVersion: 1)).Outcome);
        Assert.Equal(ChangeOutcome.Refused, (await core.AmendAsync("t-1", """{"cost":2,"expected_version":1}""", expectedVersion: 2)).Outcome);
        Assert.Equal(1m, (await core.FindAsync("t-1"))!.Trace.Cost);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"cost":1,"cost":2}""")]
    [InlineData("""{"metadata":{"a":1,"a":2}}""")]
    [InlineData("""{"cost":1}{"cost":2}""")]
    public void WhatIsNoJsonIsMalformed(string patch) =>
        Assert.Throws<MalformedBodyException>(() => TracePatch.Parse(Encoding.UTF8.GetBytes(patch)));

    [Theory, EveryDatabase]
    public async Task BrokenTextIsMended(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New(("metadata", """{"a":1}""")));

        await core.AmendAsync("t-1", """{"ai_response":"cut \ud83d","metadata":{"n\u0000":"\udc00"}}""");

        Trace stored = (await core.FindAsync("t-1"))!.Trace;
        Assert.Equal("cut \uFFFD", stored.AiResponse);
        Assert.Equal("{\"a\":1,\"n\uFFFD\":\"\\ufffd\"}", stored.Metadata);
    }

    [Theory, EveryDatabase]
    public async Task ADeletedTraceIsGoneWithItsHistory(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted));

        Assert.Equal(ChangeOutcome.Moved, await core.DeleteAsync("t-1", expectedVersion: 1));
        Assert.Equal(ChangeOutcome.Applied, await core.DeleteAsync("t-1"));
        Assert.Equal(ChangeOutcome.NotFound, await core.DeleteAsync("t-1"));

        Assert.Null(await core.FindAsync("t-1"));
        Assert.Equal(EventAction.DeletedTrace, (await core.EventsAsync())[^1].Action);
        await core.StoreAsync(SomeTrace.New());
        Assert.Empty((await core.FindAsync("t-1"))!.History);
    }
}
