using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Review;

/// <summary>
/// Takes the last verdict that stands back: the trace stands as it stood before. That is a new entry in its history too, but no
/// verdict: whoever takes back once more takes back the verdict before.
/// </summary>
public sealed class UndoDecision(TraceDetailQueries queries, SubmitDecision submit)
{
    /// <param name="version">The version that the trace got by the verdict that is meant.</param>
    /// <param name="actor">Who does it, for the audit log; null leaves no line there.</param>
    /// <returns><see cref="ChangeOutcome.Moved"/> when another verdict has come since.</returns>
    public async Task<DecisionAnswer> RunAsync(int projectId, string traceId, int version, string? evaluator, Actor? actor, CancellationToken cancel)
    {
        TraceDetail? detail = await queries.FindAsync(projectId, traceId, cancel);
        if (detail is null)
        {
            return new DecisionAnswer(ChangeOutcome.NotFound, null, null, []);
        }

        IReadOnlyList<Evaluation> standing = detail.Standing();
        if (standing is not [.., var undone] || undone.Version != version)
        {
            return new DecisionAnswer(ChangeOutcome.Moved, null, null, []);
        }

        Evaluation? before = standing.Count > 1 && standing[^2].Status == undone.PreviousStatus ? standing[^2] : null;
        var verdict = new Verdict(traceId, undone.PreviousStatus)
        {
            Reason = before?.Reason,
            Notes = before?.Notes,
            Tags = before?.Tags,
            CorrectedResponse = before?.CorrectedResponse,
            Evaluator = evaluator,
            ExpectedVersion = detail.Trace.Version,
        };
        return await submit.RunAsync(projectId, verdict, actor, undone.Version, cancel);
    }
}
