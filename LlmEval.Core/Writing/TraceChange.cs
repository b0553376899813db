using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Writing;

/// <summary>A change to one stored trace: built against the state that was read, applied only if that still stands.</summary>
/// <param name="Before">As it was read; its version is the condition.</param>
/// <param name="After">As it shall be, with the next version; null deletes the trace and its history.</param>
/// <param name="Verdict">An entry to add to its history.</param>
/// <param name="Audit">The line of the audit log that says who did it; null for what the product does itself.</param>
public sealed record TraceChange(Trace Before, Trace? After, Evaluation? Verdict, PendingEvent Event, AuditEntry? Audit = null);
