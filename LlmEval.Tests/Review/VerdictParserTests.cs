using System.Text;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;

namespace LlmEval.Tests.Review;

public class VerdictParserTests
{
    [Fact]
    public void EveryFieldIsRead()
    {
        Verdict verdict = Parse(
            """
            {"trace_id":" t ","status":"in_review","reason":"r","notes":"n","tags":["a","b"],"corrected_response":"c","evaluator":"e","expected_version":3}
            """).Value!;

        Assert.Equal(("t", EvaluationStatus.InReview, "r", "n", "c", "e", 3), (
            verdict.TraceId, verdict.Status, verdict.Reason, verdict.Notes, verdict.CorrectedResponse, verdict.Evaluator, verdict.ExpectedVersion));
        Assert.Equal(["a", "b"], verdict.Tags!);
    }

    [Fact]
    public void NullIsAsGoodAsAbsent()
    {
        Verdict verdict = Parse("""{"trace_id":"t","status":"pending","reason":null,"tags":null,"expected_version":null}""").Value!;

        Assert.Equal((null, null, null), (verdict.Reason, verdict.Tags, verdict.ExpectedVersion));
    }

    [Fact]
    public void AllFaultsAreNamedAtOnce()
    {
        string names = string.Join(',', Parse(
            $$"""{"status":"good","reason":"{{new string('x', 257)}}","notes":7,"tags":[1],"expected_version":0,"note":"typo"}""")
            .Faults.Select(f => f.Split(':')[0]));

        Assert.Equal("status,reason,notes,tags[0],expected_version,note,trace_id", names);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"t\"")]
    [InlineData("null")]
    public void OnlyAnObjectIsAVerdict(string json) => Assert.Equal(["body: must be a JSON object"], Parse(json).Faults);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"trace_id":"t","trace_id":"u"}""")]
    [InlineData("""{"trace_id":"t","status":"pending"} x""")]
    public void WhatIsNoJsonIsMalformed(string json) => Assert.Throws<MalformedBodyException>(() => Parse(json));

    private static ParsedVerdict Parse(string json) => VerdictParser.Parse(Encoding.UTF8.GetBytes(json));
}
