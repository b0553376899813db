using System.Globalization;
using LlmEval.Core.Metrics;
using LlmEval.Core.Rollups;
using LlmEval.Web.Metrics;

namespace LlmEval.Tests.Metrics;

public class KpiCalculatorTests
{
    private const string Than = "the hour before";

    public KpiCalculatorTests() => CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");

    [Fact]
    public void EveryFigureIsThereWithItsChange()
    {
        Figures now = SomeOverview.Judged(accepted: 85, rejected: 15, pending: 20, cost: 8.472m, 100, 100, 100, 2_000);
        now.TokensUsed = 1_340_000;
        Figures before = SomeOverview.Judged(accepted: 40, rejected: 10, pending: 10, cost: 16.944m, 100, 1_000);
        before.TokensUsed = 1_340_000;

        IReadOnlyList<Kpi> kpis = KpiCalculator.Of(SomeOverview.Of(("m", now)) with { Before = before, Yesterday = now }, Than);

        Assert.Equal(
            ["Traces 120", "Today 120", "Pending 20", "Acceptance rate 85.0 %", "Response time p95 2.00 s", "Tokens 1.34 M", "Cost $8.47"],
            kpis.Select(k => $"{k.Title} {k.Value} {k.Unit}".TrimEnd()));
        Assert.Equal(
            ["True 100.0%", " No change", "True 100.0%", "True 5.0 pt", "True 102.6%", " No change", "False 50.0%"],
            kpis.Select(k => k.Trend is { } t ? $"{t.Rising} {t.Text}" : ""));
        Assert.All(kpis, k => Assert.NotEmpty(k.Curve));
    }

    [Theory]
    [InlineData(90, 10, TrendTone.Good, TrendTone.Bad)]
    [InlineData(10, 90, TrendTone.Bad, TrendTone.Good)]
    public void MoreAcceptedIsGoodAndSlowerIsBad(long accepted, long rejected, TrendTone acceptance, TrendTone time)
    {
        double milliseconds = accepted > rejected ? 900 : 100;
        Overview overview = SomeOverview.Of(("m", SomeOverview.Judged(accepted, rejected, 0, 0, milliseconds))) with
        {
            Before = SomeOverview.Judged(50, 50, 0, 0, 500),
        };

        IReadOnlyList<Kpi> kpis = KpiCalculator.Of(overview, Than);

        Assert.Equal(acceptance, kpis.Single(k => k.Title == "Acceptance rate").Trend!.Tone);
        Assert.Equal(time, kpis.Single(k => k.Title == "Response time p95").Trend!.Tone);
    }

    [Fact]
    public void WhatCannotBeComparedHasNoTrend()
    {
        IReadOnlyList<Kpi> kpis = KpiCalculator.Of(SomeOverview.Of(("m", new Figures { Pending = 3 })), Than);

        Assert.All(kpis, k => Assert.Null(k.Trend));
        Assert.Equal("–", kpis.Single(k => k.Title == "Acceptance rate").Value);
        Assert.Equal("–", kpis.Single(k => k.Title == "Response time p95").Value);
    }
}
