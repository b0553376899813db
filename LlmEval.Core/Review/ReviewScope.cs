using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Review;

/// <summary>Which trace comes next.</summary>
public enum ReviewOrder
{
    Newest,
    Oldest,
    Random,

    /// <summary>Failed calls first, then empty answers, then the slowest.</summary>
    Worst,
}

/// <summary>What somebody wants to review, and in which order. Everybody with the same scope shares one queue.</summary>
public sealed record ReviewScope(TraceFilter Filter, ReviewOrder Order)
{
    public const int MostPicked = 1_000;

    /// <summary>So many of them, picked at random and the same for everybody; null reviews all.</summary>
    /// <remarks>Stays the same while traces come in only if the filter ends somewhere.</remarks>
    public int? Size { get; init; }

    /// <summary>It asks for models and for nothing else, so that their figures tell how far it has come.</summary>
    public bool IsOfWholeModels => Size is null && Filter.Tags.Count == 0 && Filter.Metadata.Count == 0
        && Filter with { ModelNames = [], Statuses = [], Tags = [], Metadata = [] } == TraceFilter.Everything;

    /// <summary>What waits for a verdict.</summary>
    public IReadOnlyList<EvaluationStatus> Waiting => Filter.Statuses.Count > 0 ? Filter.Statuses : [EvaluationStatus.Pending];
}
