using LlmEval.Core.Events;

namespace LlmEval.Web.Live;

/// <summary>Opens the feeds of one circuit. With <see cref="LiveFeed"/>, the only bridge from the event hub to pages.</summary>
public sealed class LiveFeeds(EventFeed events, EventHub hub, CircuitLink link, TimeProvider time, ILogger<LiveFeed> log, LivePhases phases)
{
    private readonly double _phase = phases.Next();

    /// <summary>Follows the log from now until the feed is disposed.</summary>
    /// <param name="deliver">Called with one batch at a time, never overlapping, in the culture of the caller of this method.</param>
    /// <param name="signal">Something besides the log: when its task completes, a batch comes too, an empty one if there is no event.</param>
    public LiveFeed Open(EventFilter filter, Func<LiveBatch, Task> deliver, Func<Task>? signal = null) =>
        new(events, hub, link, time, log, filter, _phase, deliver, signal);
}
