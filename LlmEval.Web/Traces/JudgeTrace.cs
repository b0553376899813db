using LlmEval.Core.Review;

namespace LlmEval.Web.Traces;

/// <summary>Adds a verdict to a trace, as <see cref="SubmitDecision"/> does for the project at hand.</summary>
public delegate Task<DecisionAnswer> JudgeTrace(Verdict verdict, CancellationToken cancel);
