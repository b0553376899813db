using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using LlmEval.Core.Metrics;

namespace LlmEval.Web.Metrics;

/// <summary>An overview with what is drawn of it. Immutable: all pages that show the same figures in the same words share one.</summary>
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

    // Gone with the figures that they show. The readings themselves are shared by whoever looks, whatever their language.
    private static readonly ConditionalWeakTable<Overview, ConcurrentDictionary<(string Than, CultureInfo Culture), Lazy<OverviewView>>> Shared = [];

    /// <summary>In the culture of the caller; worked out for the first who asks.</summary>
    /// <param name="than">Names the period before: "the hour before".</param>
    public static OverviewView Of(Overview overview, string than) => Shared.GetOrCreateValue(overview)
        .GetOrAdd((than, CultureInfo.CurrentCulture), static (words, of) => new Lazy<OverviewView>(() => Make(of, words.Than)), overview).Value;

    private static OverviewView Make(Overview overview, string than) => new(
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
