using System.Globalization;
using LlmEval.Core.Metrics;
using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;
using LlmEval.Core.Traces;
using LlmEval.Web.Traces;

namespace LlmEval.Web.Metrics;

/// <summary>Makes the headline figures of an overview.</summary>
public static class KpiCalculator
{
    private static readonly string UnjudgedHref =
        new TracesAddress { Filter = new TraceFilter { Statuses = [EvaluationStatus.Pending, EvaluationStatus.InReview] } }.ToString();

    /// <param name="than">Names the period before: "the hour before".</param>
    public static IReadOnlyList<Kpi> Of(Overview overview, string than)
    {
        Figures now = overview.Period;
        Figures before = overview.Before;
        (string traces, string? tracesUnit) = FigureFormat.Short(now.Traces);
        (string today, string? todayUnit) = FigureFormat.Short(overview.Today.Traces);
        (string pending, string? pendingUnit) = FigureFormat.Short(Unjudged(overview.Ever));
        (string tokens, string? tokensUnit) = FigureFormat.Short(now.TokensUsed);
        (double? p50, double? p95) = (Quantile(now, .5), Quantile(now, .95));
        (string time, string? timeUnit) = FigureFormat.Duration(p95);
        (string rate, string? rateUnit) = Judged(now) == 0
            ? (TraceFormat.Nothing, null)
            : (Rate(now).ToString("0.0", CultureInfo.CurrentCulture), "%");
        return
        [
            new Kpi("Traces", traces, tracesUnit, "--c1", Curve(overview, f => f.Traces))
            {
                Trend = Relative(now.Traces, before.Traces, TrendTone.Neutral, than),
                Href = TracesAddress.Path,
            },
            new Kpi("Today", today, todayUnit, "--c2", [.. overview.TodayByHour.Select(f => (double?)f.Traces)])
            {
                Trend = Relative(overview.Today.Traces, overview.Yesterday.Traces, TrendTone.Neutral, "yesterday by this time"),
                Note = overview.Yesterday.Traces == 0 ? "none yesterday by this time" : "vs yesterday",
            },
            new Kpi("Pending", pending, pendingUnit, "--c4", Curve(overview, f => Unjudged(f)))
            {
                Trend = Relative(Unjudged(now), Unjudged(before), TrendTone.Neutral, than),
                Note = $"{TraceFormat.Count(Unjudged(now))} from this period",
                Href = UnjudgedHref,
            },
            new Kpi("Acceptance rate", rate, rateUnit, "--mud-palette-success", Curve(overview, AcceptancePercent))
            {
                Trend = Judged(now) == 0 || Judged(before) == 0 ? null : Points(Rate(now) - Rate(before), than),
                Note = $"{TraceFormat.Count(Judged(now))} judged",
            },
            new Kpi("Response time p95", time, timeUnit, "--c6", Curve(overview, f => Quantile(f, .95)))
            {
                Trend = Relative(p95, Quantile(before, .95), TrendTone.Bad, than),
                Note = $"p50 {TraceFormat.Duration(p50)}",
            },
            new Kpi("Tokens", tokens, tokensUnit, "--c3", Curve(overview, f => f.TokensUsed))
            {
                Trend = Relative(now.TokensUsed, before.TokensUsed, TrendTone.Neutral, than),
            },
            new Kpi("Cost", FigureFormat.Dollars(now.Cost), null, "--c5", Curve(overview, f => (double)f.Cost))
            {
                Trend = Relative((double)now.Cost, (double)before.Cost, TrendTone.Neutral, than),
            },
        ];
    }

    public static double? Quantile(Figures figures, double share) => Histogram.Unpack(figures.Histogram).Quantile(share);

    private static long Unjudged(Figures figures) => figures.Pending + figures.InReview;

    private static long Judged(Figures figures) => figures.Accepted + figures.Rejected;

    private static double Rate(Figures figures) => Stats.Rate(figures.Accepted, figures.Rejected);

    private static double? AcceptancePercent(Figures figures) => Judged(figures) == 0 ? null : Rate(figures);

    private static double?[] Curve(Overview overview, Func<Figures, double?> read) => [.. overview.Bars.Select(read)];

    /// <param name="rising">What a rise means; a fall then means the opposite.</param>
    private static Trend? Relative(double? now, double? before, TrendTone rising, string than)
    {
        if (now is not { } value || before is not { } earlier || earlier <= 0)
        {
            return null;
        }

        double change = (value - earlier) / earlier;
        string text = Math.Abs(change) >= 10
            ? $"{(value / earlier).ToString("N0", CultureInfo.CurrentCulture)} ×"
            : Math.Abs(change).ToString(Math.Abs(change) >= 2 ? "P0" : "P1", CultureInfo.CurrentCulture);
        return Make(change, Math.Abs(change) < .0005, text, rising, than);
    }

    private static Trend Points(double change, string than) => Make(
        change,
        Math.Abs(change) < .05,
        string.Create(CultureInfo.CurrentCulture, $"{Math.Abs(change):0.0} pt"),
        TrendTone.Good,
        than);

    private static Trend Make(double change, bool same, string text, TrendTone rising, string than) => same
        ? new Trend(null, "No change", TrendTone.Neutral, than)
        : new Trend(change > 0, text, (rising, change > 0) switch
        {
            (TrendTone.Neutral, _) => TrendTone.Neutral,
            (TrendTone.Good, true) or (TrendTone.Bad, false) => TrendTone.Good,
            _ => TrendTone.Bad,
        }, than);
}
