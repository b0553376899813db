namespace LlmEval.Core.Search;

/// <summary>How far something that is built from the event log has come.</summary>
public sealed class Projection
{
    /// <summary>The name of the full-text index.</summary>
    public const string Search = "search";

    public required string Name { get; set; }

    /// <summary>Every event up to this id is in it. Events after it must not be trimmed from the log.</summary>
    public long Position { get; set; }

    /// <summary>How many traces could not be taken in.</summary>
    public long Skipped { get; set; }

    /// <summary>While it is built anew from the traces: the insertion number of the last one taken. Else null.</summary>
    public long? RebuiltUpTo { get; set; }

    public DateTime UpdatedAt { get; set; }
}

/// <summary>A trace that is no more, while its words are still in the index. A trigger writes these, however a trace goes.</summary>
internal sealed class SearchRemoval
{
    /// <summary>The trace's insertion number.</summary>
    public long TraceRowId { get; set; }
}
