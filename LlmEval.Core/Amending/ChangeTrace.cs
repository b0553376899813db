using LlmEval.Core.Caching;
using LlmEval.Core.Events;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;

namespace LlmEval.Core.Amending;

/// <summary>How a change to a stored trace ended.</summary>
public enum ChangeOutcome : byte
{
    Applied,
    NotFound,

    /// <summary>It is not at the version that the caller expected; nothing was changed.</summary>
    Moved,

    /// <summary>The change breaks a rule; nothing was changed.</summary>
    Refused,
}

/// <summary>The one way to change a stored trace: read, build the next state, apply it if what was read still stands, announce.</summary>
public sealed class ChangeTrace(TraceDetailQueries queries, ITraceStore store, EventPublisher publisher, TraceCache cache)
{
    /// <summary>Of many that change one trace at a time, one gets through in each round.</summary>
    private const int Rounds = 50;

    /// <param name="expectedVersion">Null takes the trace as it stands, and tries again when somebody was quicker.</param>
    /// <param name="build">Null when there is nothing to apply; the outcome is then <see cref="ChangeOutcome.Refused"/>.</param>
    /// <exception cref="UnstorableException">The database cannot hold a value; nothing was changed.</exception>
    public async Task<ChangeOutcome> RunAsync(
        int projectId, string traceId, int? expectedVersion, Func<Trace, TraceChange?> build, CancellationToken cancel)
    {
        for (int round = 0; round < Rounds; round++)
        {
            Trace? before = await queries.FindTraceAsync(projectId, traceId, cancel);
            if (before is null)
            {
                return ChangeOutcome.NotFound;
            }

            if (expectedVersion is { } expected && expected != before.Version)
            {
                return ChangeOutcome.Moved;
            }

            if (build(before) is not { } change)
            {
                return ChangeOutcome.Refused;
            }

            if (await store.ApplyAsync(change, cancel) is { } eventId)
            {
                // First the cache: who has the answer must not read an older state.
                cache.Changed(projectId, traceId, eventId);
                publisher.Publish(eventId, [change.Event]);
                return ChangeOutcome.Applied;
            }
        }

        return ChangeOutcome.Moved;
    }
}
