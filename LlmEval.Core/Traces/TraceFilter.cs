using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;

namespace LlmEval.Core.Traces;

/// <summary>Which traces a list, an export or a queue is about. Values of one field are alternatives, fields all have to hold.</summary>
public sealed record TraceFilter
{
    public static readonly TraceFilter Everything = new();

    public IReadOnlyList<EvaluationStatus> Statuses { get; init; } = [];
    public IReadOnlyList<string> ModelNames { get; init; } = [];

    /// <summary>These traces only; empty takes any.</summary>
    public IReadOnlyList<string> TraceIds { get; init; } = [];

    public string? SessionId { get; init; }
    public string? UserId { get; init; }
    public string? Environment { get; init; }
    public string? ParentId { get; init; }

    /// <summary>Each of these must be among the trace's tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>UTC, inclusive.</summary>
    public DateTime? From { get; init; }

    /// <summary>UTC, exclusive.</summary>
    public DateTime? To { get; init; }

    /// <summary>Full text, in the language of <c>Search.SearchQuery</c>.</summary>
    public string? Text { get; init; }

    public decimal? MinCost { get; init; }
    public double? MinResponseTimeMs { get; init; }
    public bool? HasError { get; init; }

    /// <summary>Top-level members of the metadata and the text they must equal.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>A share of the traces, from 0 to 1, picked by their insertion numbers: the same ones for everybody, each time.</summary>
    public double? Share { get; init; }

    /// <summary>Whether a summary alone cannot tell that a trace passes.</summary>
    public bool AsksBeyondSummary =>
        Text is not null || UserId is not null || Environment is not null || ParentId is not null || Metadata.Count > 0 || Share is not null;

    /// <summary>Whether a trace passes as far as its summary tells.</summary>
    public bool MayTake(TraceSummary trace) =>
        IsOneOf(trace.ModelName, trace.Status)
        && (TraceIds.Count == 0 || TraceIds.Contains(trace.TraceId))
        && (SessionId is null || SessionId == trace.SessionId)
        && (HasError is null || HasError == trace.HasError)
        && (From is null || trace.Timestamp >= From)
        && (To is null || trace.Timestamp < To)
        && (MinCost is null || trace.Cost >= MinCost)
        && (MinResponseTimeMs is null || trace.ResponseTimeMs >= MinResponseTimeMs)
        && (Tags.Count == 0 || HasTags(trace));

    /// <summary>Whether a trace passes; the full text is left to the index.</summary>
    public bool Takes(Trace trace) =>
        MayTake(TraceSummary.Of(trace))
        && (UserId is null || UserId == trace.UserId)
        && (Environment is null || Environment == trace.Environment)
        && (ParentId is null || ParentId == trace.ParentId)
        && Metadata.All(m => JsonText.Member(trace.Metadata, m.Key) == m.Value)
        && (Share is not { } share || TraceShuffle.PlaceOf(trace) < (long)(share * TraceShuffle.Places));

    // By itself: every row of a live list is asked, and without a tag to look for there is nothing to allocate.
    private bool HasTags(TraceSummary trace) => Tags.All(tag => trace.Tags?.Contains(tag) == true);

    /// <summary>Whether a trace of this model and status may pass.</summary>
    public bool IsOneOf(string modelName, EvaluationStatus status) =>
        (ModelNames.Count == 0 || ModelNames.Contains(modelName)) && (Statuses.Count == 0 || Statuses.Contains(status));
}
