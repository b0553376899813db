using LlmEval.Core.Metrics;
using LlmEval.Core.Rollups;

namespace LlmEval.Web.Metrics;

/// <summary>How a model was judged.</summary>
/// <param name="Rate">Accepted among the judged, 0 to 1.</param>
/// <param name="Likely">Where the rate lies, of all that such a model would answer.</param>
public sealed record ModelAcceptance(string ModelName, double Rate, Wilson Likely, long Judged);

/// <param name="Rejected">Among the judged, 0 to 1; null when nothing was judged.</param>
/// <param name="Errors">Among all traces, 0 to 1.</param>
public sealed record ModelFaults(string ModelName, long Traces, double? Rejected, long Judged, double Errors, double? P95);

/// <summary>Compares models.</summary>
public static class ModelRanking
{
    /// <summary>Those that were judged, the most judged first.</summary>
    public static IReadOnlyList<ModelAcceptance> ByJudged(IEnumerable<ModelFigures> models, int most) =>
    [
        .. models.Where(m => Judged(m.Period) > 0)
            .OrderByDescending(m => Judged(m.Period)).ThenBy(m => m.ModelName, StringComparer.Ordinal)
            .Take(most)
            .Select(m => new ModelAcceptance(
                m.ModelName, (double)m.Period.Accepted / Judged(m.Period), Wilson.Of(m.Period.Accepted, Judged(m.Period)), Judged(m.Period))),
    ];

    /// <summary>
    /// The worst first: by the share of rejections or errors that is certain, so that one bad answer of one does not outweigh
    /// fifty of five hundred.
    /// </summary>
    public static IReadOnlyList<ModelFaults> Worst(IEnumerable<ModelFigures> models, int most) =>
    [
        .. models
            .Select(m => (Model: m, Certain: Math.Max(
                Certain(m.Period.Rejected, Judged(m.Period)), Certain(m.Period.Errors, m.Period.Traces))))
            .Where(m => m.Certain > 0)
            .OrderByDescending(m => m.Certain).ThenBy(m => m.Model.ModelName, StringComparer.Ordinal)
            .Take(most)
            .Select(m => Faults(m.Model.ModelName, m.Model.Period)),
    ];

    private static ModelFaults Faults(string name, Figures figures) => new(
        name,
        figures.Traces,
        Judged(figures) == 0 ? null : (double)figures.Rejected / Judged(figures),
        Judged(figures),
        (double)figures.Errors / figures.Traces,
        KpiCalculator.Quantile(figures, .95));

    private static double Certain(long hits, long total) => hits == 0 ? 0 : Wilson.Of(hits, total).Low;

    private static long Judged(Figures figures) => figures.Accepted + figures.Rejected;
}
