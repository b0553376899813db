using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

/// <summary>A row of the list. A change makes a new one, so that a row renders only when its reference changed.</summary>
/// <param name="Fresh">It came or changed while the page was open.</param>
public sealed record ListedTrace(TraceSummary Trace, bool Fresh);
