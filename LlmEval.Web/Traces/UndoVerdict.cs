using LlmEval.Core.Review;

namespace LlmEval.Web.Traces;

/// <summary>Takes back the verdict that gave a trace this version, as <see cref="UndoDecision"/> does for the project at hand.</summary>
public delegate Task<DecisionAnswer> UndoVerdict(string traceId, int version, CancellationToken cancel);
