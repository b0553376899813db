using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;

namespace LlmEval.Core.Review;

/// <param name="Trace">Once applied, the trace as it stands.</param>
/// <param name="Entry">What was added to its history.</param>
/// <param name="Faults">When refused, every rule that is broken, each naming its field.</param>
public sealed record DecisionAnswer(ChangeOutcome Outcome, Trace? Trace, Evaluation? Entry, IReadOnlyList<string> Faults);

/// <summary>
/// Adds a verdict to a trace's history and lets it stand. Nothing is overwritten: taking one back is a new entry, and the same
/// status again is one too, with its own notes.
/// </summary>
public sealed class SubmitDecision(ChangeTrace changes, HistoryRoom room, TimeProvider time)
{
    /// <param name="actor">Who does it, for the audit log, where null leaves no line; whose verdict it is stands in the verdict.</param>
    public Task<DecisionAnswer> RunAsync(int projectId, Verdict verdict, Actor? actor, CancellationToken cancel) =>
        RunAsync(projectId, verdict, actor, undoes: null, cancel);

    /// <param name="undoes">The version of the entry that it takes back.</param>
    internal async Task<DecisionAnswer> RunAsync(int projectId, Verdict verdict, Actor? actor, int? undoes, CancellationToken cancel)
    {
        verdict = VerdictRules.Mend(verdict);
        if (VerdictRules.FindFaults(verdict) is { Count: > 0 } faults)
        {
            return new DecisionAnswer(ChangeOutcome.Refused, null, null, faults);
        }

        if (await room.FindFaultAsync(projectId, verdict.TraceId, isUndo: undoes is not null, cancel) is { } full)
        {
            return new DecisionAnswer(ChangeOutcome.Refused, null, null, [full]);
        }

        Trace? after = null;
        Evaluation? entry = null;
        try
        {
            ChangeOutcome outcome = await changes.RunAsync(projectId, verdict.TraceId, verdict.ExpectedVersion, Build, cancel);
            return outcome == ChangeOutcome.Applied
                ? new DecisionAnswer(outcome, after, entry, [])
                : new DecisionAnswer(outcome, null, null, []);
        }
        catch (UnstorableException e)
        {
            return new DecisionAnswer(ChangeOutcome.Refused, null, null, [e.Message]);
        }

        TraceChange Build(Trace before)
        {
            DateTime now = time.UtcNow();
            after = before.Copy();
            after.Status = verdict.Status;
            after.Version++;
            entry = new Evaluation
            {
                ProjectId = before.ProjectId,
                TraceId = before.TraceId,
                Status = verdict.Status,
                PreviousStatus = before.Status,
                Version = after.Version,
                CreatedAt = now,
                Evaluator = verdict.Evaluator,
                Reason = verdict.Reason,
                Notes = verdict.Notes,
                Tags = verdict.Tags?.Distinct().ToArray(),
                CorrectedResponse = verdict.CorrectedResponse,
                Undoes = undoes,
            };
            var detail = new { status = after.Status.ToWire(), before = before.Status.ToWire(), version = after.Version, evaluator = entry.Evaluator };
            return new TraceChange(
                before,
                after,
                entry,
                TraceEvents.Evaluated(after, entry, now),
                TraceAudit.Line(actor, now, undoes is null ? "verdict.given" : "verdict.undone", before, detail));
        }
    }
}
