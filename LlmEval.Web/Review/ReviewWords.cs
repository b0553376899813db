using System.Globalization;
using LlmEval.Core.Amending;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Web.Traces;

namespace LlmEval.Web.Review;

/// <summary>How a queue is told to people.</summary>
public static class ReviewWords
{
    /// <summary>Why a verdict is not taken. Gone once the one before is saved, which takes some milliseconds unless the database is slow.</summary>
    public const string StillSaving = "Not taken: the verdict before is still being saved. Give it again in a moment.";

    public static string Of(ReviewOrder order) => order switch
    {
        ReviewOrder.Oldest => "Oldest first",
        ReviewOrder.Random => "Random order",
        ReviewOrder.Worst => "Worst first",
        _ => "Newest first",
    };

    /// <summary>What narrows the queue, one short phrase each; none for all that waits.</summary>
    public static IEnumerable<string> Facts(ReviewScope scope)
    {
        TraceFilter filter = scope.Filter;
        IEnumerable<string?> facts =
        [
            scope.Size is { } size ? $"{size} picked at random" : null,
            filter.Share is { } share ? $"{share.ToString("0.##%", CultureInfo.CurrentCulture)} of all" : null,
            filter.Statuses.Count == 0 ? null : string.Join(" or ", filter.Statuses.Select(TraceFormat.Status)).ToLowerInvariant(),
            filter.ModelNames.Count == 0 ? null : string.Join(", ", filter.ModelNames),
            filter.Text is { } text ? $"“{text}”" : null,
            filter.HasError switch { true => "with an error", false => "without an error", null => null },
            filter.Tags.Count == 0 ? null : "tagged " + string.Join(", ", filter.Tags),
            filter.Environment,
            filter.SessionId is { } session ? $"session {session}" : null,
            filter.UserId is { } user ? $"user {user}" : null,
            filter.ParentId is { } parent ? $"parent {parent}" : null,
            filter.MinCost is { } cost ? $"from {TraceFormat.Cost(cost)}" : null,
            filter.MinResponseTimeMs is { } ms ? $"from {TraceFormat.Duration(ms)}" : null,
            filter.From is not null || (filter.To is not null && scope.Size is null) ? "of a range of time" : null,
            .. filter.Metadata.Select(m => $"{m.Key} = {m.Value}"),
        ];
        return facts.OfType<string>();
    }

    /// <summary>A verdict that came a moment ago, or was taken back then.</summary>
    public static string Said(Evaluation last)
    {
        string who = last.Evaluator is { Length: > 0 } name ? name : "Somebody";
        string status = TraceFormat.Status(last.Status).ToLowerInvariant();
        return last.Undoes is not null ? $"{who} has just taken a verdict back: {status} again."
            : $"{who} has just said: {status}" + (last.Reason is { Length: > 0 } reason ? $", {reason}." : ".");
    }

    /// <summary>Why a verdict stands that somebody wanted to take back.</summary>
    /// <param name="now">How its trace stands; null when it is gone.</param>
    public static string NotTakenBack(DecisionAnswer answer, TraceDetail? now) => (answer.Outcome, now?.Last) switch
    {
        (ChangeOutcome.Refused, _) => $"Not taken back. {string.Join(' ', answer.Faults)}",
        (ChangeOutcome.NotFound, _) or (_, null) => "Not taken back: this trace was deleted meanwhile.",
        (_, { } last) => $"Not taken back, because the trace was changed meanwhile. {Said(last)}",
    };

    /// <summary>How many of them wait for a verdict.</summary>
    public static long Waiting(this QueueCounts counts, ReviewScope scope) => scope.Filter.Statuses is { Count: > 0 } asked
        ? asked.Distinct().Sum(s => counts.Of(s))
        : counts.Pending;
}
