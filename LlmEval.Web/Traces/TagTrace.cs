using LlmEval.Core.Amending;

namespace LlmEval.Web.Traces;

/// <summary>Adds tags to those that a trace has.</summary>
public delegate Task<AmendAnswer> TagTrace(string traceId, IReadOnlyList<string> tags, CancellationToken cancel);
