namespace LlmEval.Core.Primitives;

/// <summary>One page of a keyset-paged list.</summary>
/// <param name="Items">In the list's order.</param>
/// <param name="Next">Where the next page begins; null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, Cursor? Next);
