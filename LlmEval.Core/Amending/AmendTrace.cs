using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;

namespace LlmEval.Core.Amending;

/// <param name="Trace">Once applied, the trace as it stands.</param>
/// <param name="Faults">When refused, every rule that is broken, each naming its field.</param>
public sealed record AmendAnswer(ChangeOutcome Outcome, Trace? Trace, IReadOnlyList<string> Faults);

/// <summary>Merges given fields into a stored trace. Its evaluation stays, and so does what a retry of the original is compared with.</summary>
public sealed class AmendTrace(ChangeTrace changes, TimeProvider time)
{
    /// <param name="expectedVersion">Besides the one that the patch may hold.</param>
    /// <param name="actor">Who does it, for the audit log; null leaves no line there.</param>
    public async Task<AmendAnswer> RunAsync(
        int projectId, string traceId, TracePatch patch, int? expectedVersion, Actor? actor, CancellationToken cancel)
    {
        if (expectedVersion is { } one && patch.ExpectedVersion is { } other && one != other)
        {
            return new AmendAnswer(ChangeOutcome.Refused, null, [$"expected_version: {other} and {one} are both asked for"]);
        }

        Trace? result = null;
        IReadOnlyList<string> faults = [];
        try
        {
            ChangeOutcome outcome = await changes.RunAsync(projectId, traceId, expectedVersion ?? patch.ExpectedVersion, Build, cancel);
            bool nothingToDo = outcome == ChangeOutcome.Refused && faults.Count == 0;
            outcome = nothingToDo ? ChangeOutcome.Applied : outcome;
            return new AmendAnswer(outcome, outcome == ChangeOutcome.Applied ? result : null, faults);
        }
        catch (UnstorableException e)
        {
            return new AmendAnswer(ChangeOutcome.Refused, null, [e.Message]);
        }

        TraceChange? Build(Trace before)
        {
            if (patch.IsEmpty)
            {
                result = before;
                return null;
            }

            DateTime now = time.UtcNow();
            (result, faults) = patch.ApplyTo(before, now);
            if (result is not null && IsSame(before, result))
            {
                // As when a patch is sent again because its answer was lost.
                result = before;
                return null;
            }

            return result is null
                ? null
                : new TraceChange(
                    before,
                    result,
                    Verdict: null,
                    TraceEvents.Updated(result, now),
                    TraceAudit.Line(actor, now, "trace.amended", before, new { fields = patch.FieldNames, version = result.Version }));
        }
    }

    /// <summary>But for the version. By all that a trace holds, so that no field that is added later can be forgotten here.</summary>
    private static bool IsSame(Trace before, Trace after)
    {
        Trace other = after.Copy();
        other.Version = before.Version;
        return JsonSerializer.SerializeToUtf8Bytes(before).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(other));
    }
}
