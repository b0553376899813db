using LlmEval.Core.Rollups;

namespace LlmEval.Core.Metrics;

/// <summary>The figures of a range, cut into its steps.</summary>
/// <param name="Ever">All that there is, whenever.</param>
/// <param name="Today">The viewer's day so far.</param>
/// <param name="TodayByHour">The same, hour by hour.</param>
/// <param name="Yesterday">The day before, up to the same time.</param>
/// <param name="Period">The range.</param>
/// <param name="Before">The period of the same length before it.</param>
/// <param name="Steps">One for each of <paramref name="Axis"/>, all models together.</param>
/// <param name="Bars">One for each of <paramref name="BarAxis"/>, all models together.</param>
/// <param name="Models">Those with traces in the range; the busiest first.</param>
/// <param name="Reviewers">Those with verdicts in the range; the busiest first.</param>
public sealed record Overview(
    OverviewRange Range,
    Figures Ever,
    Figures Today,
    IReadOnlyList<Figures> TodayByHour,
    Figures Yesterday,
    Figures Period,
    Figures Before,
    TimeAxis Axis,
    IReadOnlyList<Figures> Steps,
    TimeAxis BarAxis,
    IReadOnlyList<Figures> Bars,
    IReadOnlyList<ModelFigures> Models,
    TimeAxis VerdictAxis,
    IReadOnlyList<ReviewerVerdicts> Reviewers);

/// <param name="Bars">One for each step of the axis of columns.</param>
public sealed record ModelFigures(string ModelName, Figures Period, IReadOnlyList<Figures> Bars);

/// <param name="Name">Empty for whoever gave no name.</param>
/// <param name="Given">One for each step of the axis of verdicts.</param>
public sealed record ReviewerVerdicts(string Name, IReadOnlyList<long> Given, long Accepted, long Rejected);
