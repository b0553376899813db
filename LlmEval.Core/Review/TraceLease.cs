namespace LlmEval.Core.Review;

/// <summary>Says that somebody has a trace open to judge it, so that the queue gives it to nobody else. It guards nothing: versions do.</summary>
public sealed class TraceLease
{
    public int ProjectId { get; set; }
    public required string TraceId { get; set; }

    /// <summary>One open page. A person with two pages holds two traces.</summary>
    public required string Holder { get; set; }

    /// <summary>The name that others see; empty when they gave none.</summary>
    public required string Reviewer { get; set; }

    /// <summary>Unix microseconds, a number on both databases: it is compared in the statement that takes a lease.</summary>
    public long ExpiresAtMicros { get; set; }
}

/// <param name="Id">Of the open page.</param>
/// <param name="Name">Of the person; may be empty.</param>
public sealed record LeaseHolder(string Id, string Name);
