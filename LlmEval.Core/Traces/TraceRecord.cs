namespace LlmEval.Core.Traces;

/// <summary>A trace with everything that was said of it, oldest first.</summary>
public sealed record TraceRecord(Trace Trace, IReadOnlyList<Evaluation> History);
