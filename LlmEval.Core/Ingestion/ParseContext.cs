namespace LlmEval.Core.Ingestion;

/// <summary>What the parser has to know besides the body.</summary>
/// <param name="ReceivedAt">UTC, cut to the microsecond: the default timestamp, and what bounds a timestamp from above.</param>
/// <param name="Restore">Whether the caller may bring back evaluations, as an import with admin rights may.</param>
public readonly record struct ParseContext(int ProjectId, DateTime ReceivedAt, bool Restore);
