using LlmEval.Core.Storage;

namespace LlmEval.Core.Traces;

/// <summary>Finds traces by the words in their texts. Each database has its own.</summary>
public interface ITextSearch
{
    /// <summary>Reads what somebody typed. Never throws.</summary>
    /// <returns>Null when it asks for nothing, so that every trace matches.</returns>
    ITextQuery? Read(string? text);
}

/// <summary>A search that was read.</summary>
public interface ITextQuery
{
    /// <summary>A word that every match holds, in small letters; null when there is none.</summary>
    string? Word { get; }

    /// <summary>Which of these rows match.</summary>
    Task<IReadOnlySet<long>> MatchAsync(LlmEvalDb db, IReadOnlyList<long> rows, CancellationToken cancel);

    /// <summary>All rows of a project that match, in no order.</summary>
    /// <returns>Null when they are more than <paramref name="most"/>, or when the index cannot list them.</returns>
    Task<IReadOnlyList<long>?> FindAsync(LlmEvalDb db, int projectId, int most, CancellationToken cancel);
}
