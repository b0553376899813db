using LlmEval.Core.Amending;

namespace LlmEval.Web.Traces;

/// <summary>Deletes a trace for good, as it stands at a version, for who may.</summary>
/// <exception cref="Access.NotAllowedException"/>
public delegate Task<ChangeOutcome> RemoveTrace(string traceId, int version, CancellationToken cancel);
