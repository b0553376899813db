using LlmEval.Core.Primitives;

namespace LlmEval.Core.Traces;

/// <summary>Which traces a list, an export or a queue is about. Values of one field are alternatives, fields all have to hold.</summary>
public sealed record TraceFilter
{
    public static readonly TraceFilter Everything = new();

    public IReadOnlyList<EvaluationStatus> Statuses { get; init; } = [];
    public IReadOnlyList<string> ModelNames { get; init; } = [];
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
}
