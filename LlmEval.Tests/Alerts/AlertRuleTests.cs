using LlmEval.Core.Alerts;
using LlmEval.Core.Monitoring;
using LlmEval.Core.Rollups;
using LlmEval.Tests.Monitoring;
using LlmEval.Tests.Support;
using LlmEval.Web.Alerts;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Alerts;

public class AlertRuleTests
{
    [Fact]
    public void TheFourThatAreBuiltInHaveTheThresholdsOfTheGuide()
    {
        IReadOnlyList<AlertRule> rules = new AlertOptions().ToRules();

        Assert.Equal(
            [
                "Failed requests above 5% over 60 s, for 5 s, of at least 20",
                "Processing time, p95 above 1,000 ms over 60 s, for 5 s, of at least 20",
                "Cache misses above 50% over 60 s, for 5 s, of at least 20",
                "The database does not answer for 5 s",
            ],
            rules.Select(AlertWords.Condition));
        Assert.All(rules, rule => Assert.Empty(rule.FindFaults()));
        Assert.All(rules, rule => Assert.True(rule.IsBuiltIn));
    }

    [Fact]
    public void EveryFaultIsNamed()
    {
        AlertRule rule = SomeRule.Above(101);
        (rule.Name, rule.WindowSeconds, rule.ForSeconds, rule.LeastSamples, rule.ModelName) = (" ", 0, -1, -1, "gpt-4");

        Assert.Equal(
            ["name", "window_seconds", "threshold", "for_seconds", "least_samples", "model_name"], rule.FindFaults().Select(f => f.Field));
    }

    [Fact]
    public void EveryMeasureHasItsFacts() => Assert.Equal(Enum.GetValues<AlertMeasure>(), AlertMeasures.All.Select(m => m.Measure));

    [Theory]
    [InlineData(AlertMeasure.AcceptanceRate, 75.0)]
    [InlineData(AlertMeasure.FailedTraces, 10.0)]
    [InlineData(AlertMeasure.CostPerHour, 6.0)]
    [InlineData(AlertMeasure.TracesPerMinute, 1.0)]
    [InlineData(AlertMeasure.TokensPerHour, 1_000.0)]
    public void FiguresBecomeMeasures(AlertMeasure measure, double expected)
    {
        AlertRule rule = SomeRule.Above(1, measure);
        rule.WindowSeconds = 1_800;
        var figures = new Figures { Accepted = 3, Rejected = 1, Pending = 26, Errors = 3, Cost = 3, TokensUsed = 500 };

        Assert.Equal(expected, ProjectMeasures.Of(rule, figures, rule.Window));
    }

    [Fact]
    public void WhatIsOpenAndHowLongRedisIsAwayAreOfTheLastSample()
    {
        DateTime now = SomeTrace.Now;
        var history = new ProcessHistory();
        double? Read(AlertMeasure measure) => ProcessMeasures.Read(SomeRule.Above(1, measure), history, now);
        Assert.All([AlertMeasure.StreamsOpen, AlertMeasure.CircuitsOpen, AlertMeasure.RedisAway], measure => Assert.Null(Read(measure)));

        history.Add(SomeSample.At(now.AddSeconds(-1), streams: 9) with { Circuits = 4 });
        history.Add(SomeSample.At(now, streams: 3) with { Circuits = 2 });
        Assert.Equal((3, 2, null), (Read(AlertMeasure.StreamsOpen), Read(AlertMeasure.CircuitsOpen), Read(AlertMeasure.RedisAway)));

        history.Add(SomeSample.At(now, dependencies: SomeSample.Well with { RedisUp = false, RedisAwaySince = now.AddSeconds(-12) }));
        Assert.Equal(12, Read(AlertMeasure.RedisAway));

        // It came back after the last look at it.
        history.Add(SomeSample.At(now, dependencies: SomeSample.Well with { RedisUp = true, RedisAwaySince = now.AddSeconds(-12) }));
        Assert.Equal(0, Read(AlertMeasure.RedisAway));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(59)]
    public async Task ARateIsTheSameWhereverInAMinuteItIsRead(int second)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(SomeTrace.Now));
        await using TestCore core = await AlertCore.StartAsync(DatabaseKind.Sqlite, time);
        DateTime now = SomeTrace.Now.AddSeconds(second - SomeTrace.Now.Second);
        await core.StoreAsync([.. Enumerable.Range(0, 300).Select(i => SomeTrace.New(
            ("trace_id", $"\"t-{i}\""), ("timestamp", $"\"{now.AddSeconds(-i):O}\"")))]);
        AlertRule rule = SomeRule.Above(1, AlertMeasure.TracesPerMinute);
        rule.WindowSeconds = 60;

        double? rate = await core.Get<ProjectMeasures>().ReadAsync(rule, now, TestContext.Current.CancellationToken);

        Assert.InRange(rate!.Value, 59, 62);
    }

    [Fact]
    public void OfFewNothingIsSaid()
    {
        AlertRule rule = SomeRule.Below(80);
        rule.LeastSamples = 5;

        Assert.Null(ProjectMeasures.Of(rule, new Figures { Accepted = 1, Rejected = 3 }, rule.Window));
        Assert.Equal(25, ProjectMeasures.Of(rule, new Figures { Accepted = 1, Rejected = 4, Pending = 3 }, rule.Window) + 5);
    }

    [Fact]
    public void WhatIsTypedBecomesARule()
    {
        RuleDraft draft = RuleDraft.New();
        draft.Choose(AlertMeasure.ResponseTime);
        (draft.Name, draft.Model, draft.Threshold, draft.WindowMinutes, draft.ForMinutes) = (" Slow ", " gpt-4 ", "2500,5", "15", "0.5");

        AlertRule rule = draft.ToRule(7, out IReadOnlyList<string> faults)!;

        Assert.Empty(faults);
        Assert.Equal(("Slow", "gpt-4", 2500.5, 900, 30, false, 7), (rule.Name, rule.ModelName, rule.Threshold, rule.WindowSeconds, rule.ForSeconds, rule.WhenBelow, rule.ProjectId));
        Assert.Equal(rule.Key, RuleDraft.Of(rule).ToRule(7, out _)!.Key);
    }

    [Fact]
    public void WhatIsNoNumberIsSaid()
    {
        RuleDraft draft = RuleDraft.New();
        (draft.Name, draft.Threshold) = ("Slow", "soon");

        Assert.Null(draft.ToRule(1, out IReadOnlyList<string> faults));
        Assert.Equal(["The threshold has to be a number."], faults);
    }

    [Theory]
    [InlineData(90, "90 s")]
    [InlineData(600, "10 min")]
    [InlineData(7_200, "2 h")]
    [InlineData(604_800, "7 days")]
    public void LengthsAreShort(int seconds, string text) => Assert.Equal(text, AlertWords.Length(seconds));
}
