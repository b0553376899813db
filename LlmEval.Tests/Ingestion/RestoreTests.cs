using LlmEval.Core.Ingestion;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Ingestion;

public sealed class RestoreTests
{
    private const string State = """
        {"status":"rejected","version":3,"received_at":"2025-02-01T00:00:00Z","content_hash":"000102030405060708090a0b0c0d0e0f",
         "source":"app","batch_id":"b","more":1,
         "history":[
          {"status":"accepted","previous_status":"pending","version":2,"created_at":"2025-02-02T00:00:00Z","evaluator":"ann"},
          {"status":"rejected","previous_status":"accepted","version":3,"created_at":"2025-02-03T00:00:00Z","evaluator":"bob",
           "reason":"wrong","notes":"n","tags":["x"],"corrected_response":"better","undoes":2}]}
        """;

    [Fact]
    public void AnImportBringsBackTheEvaluationAndItsHistory()
    {
        ParsedTrace parsed = SomeTrace.Parse(SomeTrace.Json(("_llmeval", State)), restore: true);

        Assert.Empty(parsed.Faults);
        Trace trace = parsed.Value!.Trace;
        Assert.Equal((EvaluationStatus.Rejected, 3, "app", "b"), (trace.Status, trace.Version, trace.Source, trace.BatchId));
        Assert.Equal(new DateTime(2025, 2, 1, 0, 0, 0, DateTimeKind.Utc), trace.ReceivedAt);
        Assert.Equal(trace.ReceivedAt, trace.Timestamp);
        Assert.Equal("000102030405060708090A0B0C0D0E0F", Convert.ToHexString(trace.ContentHash));
        Assert.Null(trace.Metadata);
        Assert.Equal(2, parsed.Value.History.Count);
        RestoredEvaluation last = parsed.Value.History[1];
        Assert.Equal((EvaluationStatus.Rejected, EvaluationStatus.Accepted, 3), (last.Status, last.PreviousStatus, last.Version));
        Assert.Equal(("bob", "wrong", "n", "better"), (last.Evaluator, last.Reason, last.Notes, last.CorrectedResponse));
        Assert.Equal(["x"], last.Tags!);
        Assert.Equal([null, 2], parsed.Value.History.Select(e => e.Undoes));
    }

    [Fact]
    public void WithoutTheRightItIsAMemberLikeAnyOther()
    {
        Trace trace = SomeTrace.New(("_llmeval", """{"status":"accepted"}""")).Trace;

        Assert.Equal(EvaluationStatus.Pending, trace.Status);
        Assert.Equal("""{"_llmeval":{"status":"accepted"}}""", trace.Metadata);
    }

    [Fact]
    public void TheHashIsThatOfTheFieldsWhenNoneIsGiven()
    {
        Trace trace = SomeTrace.Parse(SomeTrace.Json(("_llmeval", """{"status":"accepted"}""")), restore: true).Value!.Trace;

        Assert.Equal(SomeTrace.New().Trace.ContentHash, trace.ContentHash);
    }

    [Fact]
    public void AHashMayComeAsBase64()
    {
        Trace trace = SomeTrace.Parse(SomeTrace.Json(("_llmeval", """{"content_hash":"AAECAwQFBgcICQoLDA0ODw=="}""")), restore: true).Value!.Trace;

        Assert.Equal("000102030405060708090A0B0C0D0E0F", Convert.ToHexString(trace.ContentHash));
    }

    [Theory]
    [InlineData("7", "_llmeval: must be an object")]
    [InlineData("""{"status":"good"}""", "_llmeval.status: must be one of pending, in_review, accepted, rejected")]
    [InlineData("""{"status":1}""", "_llmeval.status: must be one of pending, in_review, accepted, rejected")]
    [InlineData("""{"version":0}""", "_llmeval.version: must be between 1 and 1000000000")]
    [InlineData("""{"version":"1"}""", "_llmeval.version: must be a whole number")]
    [InlineData("""{"received_at":1}""", "_llmeval.received_at: must be a string")]
    [InlineData("""{"content_hash":"00"}""", "_llmeval.content_hash: must be 16 bytes in hexadecimal or base64")]
    [InlineData("""{"content_hash":"zz0102030405060708090a0b0c0d0e0f"}""", "_llmeval.content_hash: must be 16 bytes in hexadecimal or base64")]
    [InlineData("""{"source":1}""", "_llmeval.source: must be a string")]
    [InlineData("""{"batch_id":[]}""", "_llmeval.batch_id: must be a string")]
    [InlineData("""{"history":{}}""", "_llmeval.history: must be an array of objects")]
    [InlineData("""{"history":[1]}""", "_llmeval.history[0]: must be an object")]
    [InlineData("""{"history":[{"created_at":"2025-02-02T00:00:00Z"}]}""", "_llmeval.history[0].status: is required")]
    [InlineData("""{"history":[{"status":"accepted","created_at":"2025-02-02T00:00:00Z","version":3},{"status":"rejected","created_at":"2025-02-03T00:00:00Z","version":3}]}""", "_llmeval.history[1].version: must be more than 3, the one before")]
    [InlineData("""{"history":[{"status":"accepted"}]}""", "_llmeval.history[0].created_at: is required")]
    [InlineData("""{"history":[{"status":"x","created_at":"2025-02-02T00:00:00Z"}]}""", "_llmeval.history[0].status: must be one of pending, in_review, accepted, rejected")]
    [InlineData("""{"history":[{"status":"accepted","created_at":"2025-02-02T00:00:00Z","tags":[1]}]}""", "_llmeval.history[0].tags[0]: must be a string")]
    public void WhatCannotBeBroughtBackIsAFault(string state, string fault) =>
        Assert.Equal([fault], SomeTrace.Parse(SomeTrace.Json(("_llmeval", state)), restore: true).Faults);
}
