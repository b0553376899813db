using System.ComponentModel.DataAnnotations;

namespace LlmEval.Core.Search;

/// <summary>Section <c>LlmEval:Search</c>.</summary>
public sealed class SearchOptions
{
    /// <summary><c>LlmEval__Search__Paused</c>: the index stands still; it catches up when this is taken back.</summary>
    public bool Paused { get; set; }

    /// <summary>The most events that one transaction takes in.</summary>
    [Range(1, 10_000)]
    public int BatchEvents { get; set; } = 200;

    /// <summary>The shortest rest between two transactions: so old may the index be while traces come in steadily.</summary>
    [Range(0, 60_000)]
    public int RestMilliseconds { get; set; } = 250;
}
