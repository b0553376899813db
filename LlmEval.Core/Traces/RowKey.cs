using LlmEval.Core.Primitives;

namespace LlmEval.Core.Traces;

/// <summary>What orders the rows of a list.</summary>
internal sealed class RowKey
{
    // EF Core sees through an initializer, not through a constructor.
    public required DateTime Timestamp { get; init; }
    public required long Id { get; init; }

    public Cursor ToCursor() => new(Timestamp, Id);
}
