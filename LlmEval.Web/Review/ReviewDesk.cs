using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Review;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;

namespace LlmEval.Web.Review;

/// <summary>What pages do with traces that are reviewed, for the project at hand.</summary>
public sealed class ReviewDesk(
    ReviewQueues queues,
    TraceLeases leases,
    SubmitDecision submit,
    UndoDecision undo,
    TraceDetailQueries details,
    ReviewVocabularies vocabularies,
    SharedTallies tallies,
    ReviewSignal signal,
    PageProject page,
    FindViewer findViewer)
{
    private int Project => page.Id;

    /// <summary>Completes when leases change.</summary>
    public Task Changed => signal.Changed;

    public ReviewQueue Open(ReviewScope scope) => queues.Open(Project, scope);

    public Task<TraceDetail?> FindAsync(string traceId, CancellationToken cancel) => details.FindAsync(Project, traceId, cancel);

    public Task<ReviewVocabulary> VocabularyAsync(CancellationToken cancel) => vocabularies.GetAsync(Project, cancel);

    /// <summary>What reviewers are offered; where it cannot be read, what everybody begins with.</summary>
    public async Task<ReviewVocabulary> OfferedAsync(CancellationToken cancel)
    {
        try
        {
            return await VocabularyAsync(cancel);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            return ReviewVocabulary.Default(Project);
        }
    }

    public async Task<VocabularyAnswer> SaveAsync(ReviewVocabulary vocabulary, CancellationToken cancel)
    {
        Caller? caller = await findViewer();
        return PageCaller.Refusal(caller, Rights.Admin) is { } refusal
            ? new VocabularyAnswer(false, [refusal])
            : await vocabularies.SaveAsync(vocabulary, caller!.ToActor(), cancel);
    }

    public Task<IReadOnlyList<ReviewerTally>> TallyAsync(DateTime since, CancellationToken cancel) => tallies.ReadAsync(Project, since, cancel);

    public Task<bool> TryLeaseAsync(string traceId, LeaseHolder holder, CancellationToken cancel) =>
        leases.TryTakeAsync(Project, traceId, holder, cancel);

    public Task<IReadOnlyDictionary<string, TraceLease>> LeasesAsync(IReadOnlyList<string> traceIds, CancellationToken cancel) =>
        leases.FindAsync(Project, traceIds, cancel);

    public Task<IReadOnlyList<string>> RenewAsync(LeaseHolder holder, CancellationToken cancel) => leases.RenewAsync(Project, holder, cancel);

    public Task ReleaseAsync(string traceId, LeaseHolder holder, CancellationToken cancel) => leases.ReleaseAsync(Project, traceId, holder, cancel);

    public Task ReleaseAllAsync(LeaseHolder holder) => leases.ReleaseAllAsync(Project, holder, CancellationToken.None);

    /// <summary>Saves a verdict on what the reviewer saw, and on nothing newer.</summary>
    /// <returns>The entry in the history, or why there is none.</returns>
    public async Task<(Evaluation? Entry, Trouble? Trouble)> JudgeAsync(TraceDetail seen, Judgement mine, string reviewer, CancellationToken cancel)
    {
        Caller? caller = await findViewer();
        if (PageCaller.Refusal(caller, Rights.Evaluate) is { } refusal)
        {
            return (null, new Trouble(seen, mine, null, refusal));
        }

        var verdict = new Verdict(mine.TraceId, mine.Status)
        {
            Reason = mine.Reason,
            Notes = mine.Notes,
            Tags = mine.Tags.Count == 0 ? null : mine.Tags,
            CorrectedResponse = mine.CorrectedResponse,
            Evaluator = caller!.User?.Name ?? (reviewer.Length == 0 ? null : reviewer),
            ExpectedVersion = seen.Trace.Version,
        };
        try
        {
            DecisionAnswer answer = await submit.RunAsync(Project, verdict, caller.ToActor(), cancel);
            return answer.Outcome switch
            {
                ChangeOutcome.Applied => (answer.Entry, null),
                ChangeOutcome.Refused => (null, new Trouble(seen, mine, null, string.Join(' ', answer.Faults))),
                _ when await FindAsync(mine.TraceId, cancel) is { } theirs => (null, new Trouble(seen, mine, theirs, null)),
                _ => (null, new Trouble(seen, mine, null, "This trace was deleted meanwhile.")),
            };
        }
        catch (Exception e) when (Outage.Is(e))
        {
            return (null, new Trouble(seen, mine, null, "The database cannot be reached, so this verdict is not saved yet."));
        }
    }

    /// <summary>Takes back the verdict that gave the trace this version, if no other came since.</summary>
    public async Task<DecisionAnswer> UndoAsync(string traceId, int version, string reviewer, CancellationToken cancel)
    {
        Caller? caller = await findViewer();
        return PageCaller.Refusal(caller, Rights.Evaluate) is { } refusal
            ? new DecisionAnswer(ChangeOutcome.Refused, null, null, [refusal])
            : await undo.RunAsync(Project, traceId, version, caller!.User?.Name ?? (reviewer.Length == 0 ? null : reviewer), caller.ToActor(), cancel);
    }
}
