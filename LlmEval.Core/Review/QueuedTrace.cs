using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Review;

/// <summary>A trace that waits for a verdict.</summary>
/// <param name="Lease">Who has it open; null when it is free.</param>
public sealed record QueuedTrace(TraceSummary Trace, TraceLease? Lease);

/// <summary>What the queue gave out.</summary>
/// <param name="Ahead">The next traces in order, those that others have among them.</param>
/// <param name="Taken">The first of them that was free, now leased; null when there is none.</param>
public sealed record QueueStep(IReadOnlyList<QueuedTrace> Ahead, TraceDetail? Taken);

/// <summary>What was counted, and when.</summary>
/// <param name="Counts">Null for a search of texts: its matches cannot be counted in a bearable time.</param>
/// <param name="Position">The last event that the counts hold, and nothing after it; null where that is not known.</param>
public sealed record QueueReading(QueueCounts? Counts, long? Position);

/// <summary>Where the traces of a queue stand, the judged ones included.</summary>
public sealed record QueueCounts(long Pending, long InReview, long Accepted, long Rejected)
{
    public long Total => Pending + InReview + Accepted + Rejected;

    public long Of(EvaluationStatus status) => status switch
    {
        EvaluationStatus.Pending => Pending,
        EvaluationStatus.InReview => InReview,
        EvaluationStatus.Accepted => Accepted,
        _ => Rejected,
    };

    public QueueCounts With(EvaluationStatus status, int more) => status switch
    {
        EvaluationStatus.Pending => this with { Pending = Pending + more },
        EvaluationStatus.InReview => this with { InReview = InReview + more },
        EvaluationStatus.Accepted => this with { Accepted = Accepted + more },
        _ => this with { Rejected = Rejected + more },
    };
}
