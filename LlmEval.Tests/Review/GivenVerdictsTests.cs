using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

public class GivenVerdictsTests
{
    [Fact]
    public Task OnlyTheLastOfALongDayAreKeptAndAllAreCounted() => ReviewStand.RunAsync(DatabaseKind.Sqlite, 1, async stand =>
    {
        GivenVerdicts verdicts = (await stand.OpenAsync()).Verdicts;
        TraceDetail seen = (await stand.Core.FindAsync("t-00"))!;
        for (int i = 0; i < GivenVerdicts.Kept + 10; i++)
        {
            verdicts.Add(seen, new Judgement($"judged-{i}", EvaluationStatus.Accepted)).Version = 2;
        }

        Assert.Equal((GivenVerdicts.Kept, GivenVerdicts.Kept + 10), (verdicts.Judged.Count, verdicts.Count));
        Assert.Equal("judged-10", verdicts.Judged[0].Mine.TraceId);
    });

    [Fact]
    public Task OneThatIsNotSavedIsNeverDropped() => ReviewStand.RunAsync(DatabaseKind.Sqlite, 1, async stand =>
    {
        GivenVerdicts verdicts = (await stand.OpenAsync()).Verdicts;
        TraceDetail seen = (await stand.Core.FindAsync("t-00"))!;
        JudgedTrace first = verdicts.Add(seen, new Judgement("t-00", EvaluationStatus.Accepted));
        for (int i = 0; i < GivenVerdicts.Kept; i++)
        {
            verdicts.Add(seen, new Judgement("t-00", EvaluationStatus.Accepted)).Version = 2;
        }

        Assert.Same(first, verdicts.Judged[0]);
    });

    [Fact]
    public Task TheNoticeNamesTheVerdictThatItTakesBack() => ReviewStand.RunAsync(DatabaseKind.Sqlite, 2, async stand =>
    {
        GivenVerdicts verdicts = (await stand.OpenAsync()).Verdicts;
        TraceDetail quarrelled = (await stand.Core.FindAsync("t-00"))!;
        await stand.Core.JudgeAsync(new LlmEval.Core.Review.Verdict("t-00", EvaluationStatus.Rejected) { Evaluator = "Bob" });
        await verdicts.SaveAsync(verdicts.Add(quarrelled, new Judgement("t-00", EvaluationStatus.Accepted)), quarrelled);
        TraceDetail other = (await stand.Core.FindAsync("t-01"))!;
        await verdicts.SaveAsync(verdicts.Add(other, new Judgement("t-01", EvaluationStatus.Accepted)), other);

        await verdicts.InsistAsync(Assert.Single(verdicts.Troubles));

        Assert.Equal("t-00", verdicts.Offered!.Trace.TraceId);
        Assert.Same(verdicts.Judged[^1], verdicts.Offered);
    });

    [Fact]
    public void WhatWasJudgedDoesNotKeepItsTexts() =>
        Assert.DoesNotContain(typeof(JudgedTrace).GetProperties(), p => p.PropertyType == typeof(TraceDetail) || p.PropertyType == typeof(Trace));
}
