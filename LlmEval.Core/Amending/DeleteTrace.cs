using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;

namespace LlmEval.Core.Amending;

/// <summary>Takes a trace and its history away for good, and out of the figures.</summary>
public sealed class DeleteTrace(ChangeTrace changes, TimeProvider time)
{
    /// <param name="expectedVersion">Null deletes it as it stands.</param>
    /// <param name="actor">Who does it, for the audit log; null leaves no line there.</param>
    /// <returns><see cref="ChangeOutcome.Applied"/>, <see cref="ChangeOutcome.NotFound"/> or <see cref="ChangeOutcome.Moved"/>.</returns>
    public Task<ChangeOutcome> RunAsync(int projectId, string traceId, int? expectedVersion, Actor? actor, CancellationToken cancel) =>
        changes.RunAsync(
            projectId,
            traceId,
            expectedVersion,
            before =>
            {
                DateTime now = time.UtcNow();
                var detail = new { status = before.Status.ToWire(), version = before.Version };
                return new TraceChange(
                    before, After: null, Verdict: null, TraceEvents.Deleted(before, now), TraceAudit.Line(actor, now, "trace.deleted", before, detail));
            },
            cancel);
}
