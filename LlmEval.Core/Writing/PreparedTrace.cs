using LlmEval.Core.Events;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Writing;

/// <summary>A trace with all that its transaction writes: ready, so that the one writer has little left to do.</summary>
/// <param name="History">Verdicts to restore with it; usually none.</param>
public sealed record PreparedTrace(Trace Trace, PendingEvent Event, IReadOnlyList<Evaluation> History)
{
    public TraceKey Key => new(Trace.ProjectId, Trace.TraceId);
}

/// <summary>What tells traces apart: ids are a project's own.</summary>
public readonly record struct TraceKey(int ProjectId, string TraceId);
