using LlmEval.Core.Events;

namespace LlmEval.Web.Live;

/// <summary>What happened since a page was last told.</summary>
/// <param name="Events">In order.</param>
/// <param name="Missed">More happened than the events say: what the page shows has to be read anew. It then knows everything up to here.</param>
public sealed record LiveBatch(IReadOnlyList<LogEvent> Events, bool Missed)
{
    /// <summary>What the feed was to listen to besides the log has happened.</summary>
    public bool Signalled { get; init; }
}
