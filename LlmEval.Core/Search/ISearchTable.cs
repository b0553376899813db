using LlmEval.Core.Storage;

namespace LlmEval.Core.Search;

/// <summary>The words of a trace, ready to be written.</summary>
/// <param name="Row">The trace's insertion number.</param>
internal sealed record IndexedTrace(long Row, int ProjectId, SearchDocument Document);

/// <summary>The table with the words of all traces. Each database has its own kind.</summary>
internal interface ISearchTable
{
    /// <summary>Writes documents, over those that are there.</summary>
    Task WriteAsync(LlmEvalDb db, IReadOnlyList<IndexedTrace> traces, CancellationToken cancel);

    Task RemoveAsync(LlmEvalDb db, IReadOnlyList<long> rows, CancellationToken cancel);

    /// <summary>Which of these rows hold the words.</summary>
    /// <param name="query">With something wanted.</param>
    Task<IReadOnlySet<long>> MatchAsync(LlmEvalDb db, SearchQuery query, IReadOnlyList<long> rows, CancellationToken cancel);

    /// <summary>Rows that hold the words, in no order.</summary>
    /// <param name="query">With something wanted.</param>
    Task<IReadOnlyList<long>> FindAsync(LlmEvalDb db, SearchQuery query, int projectId, int most, CancellationToken cancel);
}
