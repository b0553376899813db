namespace LlmEval.Core.Ingestion;

/// <summary>A batch as it was sent.</summary>
/// <param name="Traces">By position; a bad one leaves the others alone.</param>
/// <param name="Faults">Faults of the batch itself: nothing of it is taken then.</param>
public sealed record ParsedBatch(IReadOnlyList<ParsedTrace> Traces, IReadOnlyList<string> Faults);
