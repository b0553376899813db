using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using LlmEval.Core.Metrics;

namespace LlmEval.Web.Metrics;

/// <summary>An overview with what is drawn of it. Immutable: all pages that show the same figures in the same words share one.</summary>
public sealed record OverviewView(
    Overview Overview,
    IReadOnlyList<Kpi> Kpis,
    TitledChart ByStatus,
    TitledChart ResponseTimes,
    TitledChart CostByModel,
    TitledChart TokensByModel,
    TitledChart Verdicts,
    IReadOnlyList<ModelAcceptance> Acceptance,
    IReadOnlyList<ModelFaults> Worst)
{
    private const int MostModels = 8;

    // Gone with the figures that they show. The readings themselves are shared by whoever looks, whatever their language.
    private static readonly ConditionalWeakTable<Overview, ConcurrentDictionary<(RangeWords Words, CultureInfo Culture), Lazy<OverviewView>>> Shared = [];

    /// <summary>In the culture of the caller; worked out for the first who asks.</summary>
    public static OverviewView Of(Overview overview, RangeWords words) => Shared.GetOrCreateValue(overview)
        .GetOrAdd((words, CultureInfo.CurrentCulture), static (shown, of) => new Lazy<OverviewView>(() => Make(of, shown.Words)), overview).Value;

    private static OverviewView Make(Overview overview, RangeWords words) => new(
        overview,
        KpiCalculator.Of(overview, words.Than),
        TitledChart.Of("Traces by status", words.Period, OverviewCharts.ByStatus(overview)),
        TitledChart.Of("Response time", words.Period, OverviewCharts.ResponseTimes(overview)),
        TitledChart.Of("Cost by model", words.Period, OverviewCharts.CostByModel(overview)),
        TitledChart.Of("Tokens by model", words.Period, OverviewCharts.TokensByModel(overview)),
        TitledChart.Of("Verdicts by reviewer", words.Period, OverviewCharts.Verdicts(overview)),
        ModelRanking.ByJudged(overview.Models, MostModels),
        ModelRanking.Worst(overview.Models, MostModels));
}
