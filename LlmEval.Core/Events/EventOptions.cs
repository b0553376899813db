using System.ComponentModel.DataAnnotations;

namespace LlmEval.Core.Events;

/// <summary>Section <c>LlmEval:Events</c>.</summary>
public sealed class EventOptions
{
    /// <summary>How often replicas ask the database for events of others when no hints reach them.</summary>
    [Range(10, 60_000)]
    public int PollMilliseconds { get; set; } = 250;

    /// <summary>Events older than this leave the log, and a reader that stayed away longer is told so.</summary>
    [Range(1, 24 * 365)]
    public int KeepHours { get; set; } = 72;

    /// <summary>At least so many events stay, however old.</summary>
    [Range(20_000, long.MaxValue)]
    public long KeepAtLeast { get; set; } = 1_000_000;

    /// <summary>The longest silence on a stream.</summary>
    [Range(1, 300)]
    public int HeartbeatSeconds { get; set; } = 15;

    /// <summary>A peer that takes no byte for so long is gone.</summary>
    [Range(1, 3_600)]
    public int StallSeconds { get; set; } = 30;
}
