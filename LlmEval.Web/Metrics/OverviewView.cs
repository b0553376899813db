using LlmEval.Core.Metrics;

namespace LlmEval.Web.Metrics;

/// <summary>An overview with what is drawn of it. Immutable: all pages that show the same range share one.</summary>
public sealed record OverviewView(
    Overview Overview,
    IReadOnlyList<Kpi> Kpis,
    ChartModel ByStatus,
    ChartModel ResponseTimes,
    ChartModel CostByModel,
    ChartModel TokensByModel,
    ChartModel Verdicts,
    IReadOnlyList<ModelAcceptance> Acceptance,
    IReadOnlyList<ModelFaults> Worst)
{
    private const int MostModels = 8;

    /// <param name="than">Names the period before: "the hour before".</param>
    public static OverviewView Of(Overview overview, string than) => new(
        overview,
        KpiCalculator.Of(overview, than),
        OverviewCharts.ByStatus(overview),
        OverviewCharts.ResponseTimes(overview),
        OverviewCharts.CostByModel(overview),
        OverviewCharts.TokensByModel(overview),
        OverviewCharts.Verdicts(overview),
        ModelRanking.ByJudged(overview.Models, MostModels),
        ModelRanking.Worst(overview.Models, MostModels));
}
