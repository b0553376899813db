using System.Globalization;
using LlmEval.Core.Events;

namespace LlmEval.Web.Streaming;

/// <summary>Where a stream begins.</summary>
/// <param name="After">The id that the reader is taken to have.</param>
/// <param name="Resumed">The reader said where it stands.</param>
/// <param name="ResetReason">Why it cannot go on from there; null when it can.</param>
/// <param name="Oldest">With a reason, the first event that is kept.</param>
internal readonly record struct StreamPosition(long After, bool Resumed, string? ResetReason, long Oldest)
{
    /// <summary>
    /// In the query, for who can set no header. The second is what a common stand-in for <c>EventSource</c> adds by itself when it
    /// connects again.
    /// </summary>
    public static readonly string[] Parameters = ["last_event_id", "lastEventId"];

    /// <summary>Reads <c>Last-Event-ID</c> (the header, else the query) and checks it against the log.</summary>
    public static async ValueTask<StreamPosition> OfAsync(HttpRequest request, EventHub hub, EventLog log, CancellationToken cancel)
    {
        string? text = new[] { request.Headers["Last-Event-ID"], request.Query[Parameters[1]], request.Query[Parameters[0]] }
            .Select(given => given.FirstOrDefault()).FirstOrDefault(given => !string.IsNullOrEmpty(given));
        long head = hub.Head;
        if (text is null)
        {
            return new StreamPosition(head, Resumed: false, ResetReason: null, Oldest: 0);
        }

        bool isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long last);
        if (isNumber && hub.HasAllAfter(last))
        {
            // Nobody asks the database: after a restart, thousands come at once.
            return new StreamPosition(last, Resumed: true, ResetReason: null, Oldest: 0);
        }

        EventLogBounds bounds = await log.ReadBoundsAsync(cancel);
        if (!isNumber)
        {
            return new StreamPosition(head, Resumed: true, "Last-Event-ID is not a number of this log.", bounds.Oldest);
        }

        if (last > bounds.Head)
        {
            return new StreamPosition(head, Resumed: true, "Last-Event-ID lies in the future: the log was replaced or the id is another's.", bounds.Oldest);
        }

        return last < bounds.Oldest - 1
            ? new StreamPosition(bounds.Oldest - 1, Resumed: true, "Events after Last-Event-ID are no longer kept.", bounds.Oldest)
            : new StreamPosition(last, Resumed: true, ResetReason: null, bounds.Oldest);
    }
}
