using LlmEval.Core.Access;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Amending;

/// <summary>The lines of the audit log about traces. They are written with the change: neither is there without the other.</summary>
internal static class TraceAudit
{
    /// <param name="actor">Null for what the product does itself.</param>
    /// <param name="detail">What changed; nothing of the texts of a trace.</param>
    public static AuditEntry? Line(Actor? actor, DateTime now, string action, Trace trace, object? detail = null) =>
        actor is null ? null : AuditLog.Entry(actor, now, action, trace.TraceId, trace.ProjectId, detail);
}
