namespace LlmEval.Core.Ingestion;

/// <summary>One trace of a request, or why it cannot be one.</summary>
/// <param name="Value">Null when there are faults.</param>
/// <param name="TraceId">As far as it could be read, for lists of errors.</param>
/// <param name="Faults">Every rule that is broken, each naming its field: <c>traces[3].cost: must be at least 0</c>.</param>
public sealed record ParsedTrace(NewTrace? Value, string? TraceId, IReadOnlyList<string> Faults);
