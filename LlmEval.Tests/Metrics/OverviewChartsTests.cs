using LlmEval.Core.Metrics;
using LlmEval.Core.Rollups;
using LlmEval.Web.Metrics;

namespace LlmEval.Tests.Metrics;

public class OverviewChartsTests
{
    [Fact]
    public void TracesAreStackedByStatus()
    {
        ChartModel chart = OverviewCharts.ByStatus(SomeOverview.Of(("m", new Figures { Accepted = 4, Rejected = 3, InReview = 2, Pending = 1 })));

        Assert.Equal(["Accepted 4", "Rejected 3", "In review 2", "Pending 1"], chart.Series.Select(s => $"{s.Name} {s.Values[^1]}"));
        Assert.All(chart.Series, s => Assert.Equal(chart.Times.Count, s.Values.Count));
        Assert.Equal(15, chart.Times.Count);
        Assert.Equal("per minute", chart.StepName());
        Assert.Equal("Accepted 4, Rejected 3, In review 2, Pending 1", chart.Summary());
    }

    [Fact]
    public void ResponseTimesAreGapsWhereThereAreNone()
    {
        ChartModel chart = OverviewCharts.ResponseTimes(SomeOverview.Of(("m", SomeOverview.Judged(0, 0, 4, 0, 100, 100, 100, 2_000))));

        Assert.Equal(["p50", "p95", "p99"], chart.Series.Select(s => s.Name));
        Assert.All(chart.Series, s => Assert.All(s.Values.SkipLast(1), Assert.Null));
        Assert.InRange(chart.Series[0].Values[^1]!.Value, 98, 102);
        Assert.InRange(chart.Series[2].Values[^1]!.Value, 1_960, 2_040);
        Assert.Equal(new ChartBand(0, 1), chart.Band);
    }

    [Fact]
    public void TheDearestModelsHaveSeriesOfTheirOwnAndTheRestIsOne()
    {
        (string, Figures)[] models = [.. Enumerable.Range(1, 8).Select(i => ($"m{i}", new Figures { Pending = 1, Cost = i, TokensUsed = 10 * i }))];
        Overview overview = SomeOverview.Of(models);

        ChartModel cost = OverviewCharts.CostByModel(overview);
        ChartModel tokens = OverviewCharts.TokensByModel(overview);

        Assert.Equal(["m8", "m7", "m6", "m5", "m4", "3 more"], cost.Series.Select(s => s.Name));
        Assert.Equal(1 + 2 + 3, cost.Series[^1].Values[^1]);
        Assert.Equal(cost.Series.Select(s => (s.Name, s.Color)), tokens.Series.Select(s => (s.Name, s.Color)));
        Assert.Equal(6, cost.Series.Select(s => s.Color).Distinct().Count());
    }

    [Fact]
    public void AModelThatCostsNothingIsNotNamedAmongTheCosts()
    {
        Overview overview = SomeOverview.Of(
            ("own", new Figures { Pending = 1, TokensUsed = 5 }), ("dear", new Figures { Pending = 1, Cost = 2, TokensUsed = 3 }), ("silent", new Figures { Pending = 1 }));

        ChartSeries cost = Assert.Single(OverviewCharts.CostByModel(overview).Series);
        ChartSeries[] tokens = [.. OverviewCharts.TokensByModel(overview).Series];

        Assert.Equal("dear", cost.Name);
        Assert.Equal([("dear", cost.Color), ("own", "--c2")], tokens.Select(s => (s.Name, s.Color)));
    }

    [Fact]
    public void VerdictsAreStackedByReviewer()
    {
        Overview overview = SomeOverview.Of();
        long[] given = [.. overview.VerdictAxis.Starts.Select((_, i) => (long)i)];
        ChartModel chart = OverviewCharts.Verdicts(overview with
        {
            Reviewers = [.. "ann ben chris dora ed fay gus ".Split(' ').Select(name => new ReviewerVerdicts(name, given, given.Sum(), 0))],
        });

        Assert.Equal(["ann", "ben", "chris", "dora", "ed", "3 more"], chart.Series.Select(s => s.Name));
        Assert.Equal(3 * given[^1], chart.Series[^1].Values[^1]);
    }

    [Fact]
    public void ReviewersWithoutANameSaySo() => Assert.Equal(
        "No name",
        OverviewCharts.Verdicts(SomeOverview.Of() with { Reviewers = [new ReviewerVerdicts("", [1, 0], 1, 0)] }).Series[0].Name);
}
