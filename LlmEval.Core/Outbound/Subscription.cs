using LlmEval.Core.Events;
using LlmEval.Core.Primitives;

namespace LlmEval.Core.Outbound;

/// <summary>What a delivery's body looks like. The numbers are stored: never renumber.</summary>
public enum BodyFormat : byte
{
    /// <summary>The event as streams carry it, with its id and type.</summary>
    Json = 0,

    /// <summary><c>{"text": …}</c>, which Slack, Mattermost and others show as a message.</summary>
    Slack = 1,
}

/// <summary>Whether a subscription is served. The numbers are stored: never renumber.</summary>
public enum SubscriptionState : byte
{
    Active = 0,

    /// <summary>Somebody turned it off.</summary>
    Paused = 1,

    /// <summary>Turned off by itself, because nothing could be delivered.</summary>
    Disabled = 2,
}

/// <summary>Which events of a project go to which address, and how far the log has been gone through for it.</summary>
public sealed class Subscription
{
    public long Id { get; set; }
    public int ProjectId { get; set; }
    public required string Name { get; set; }
    public required string Url { get; set; }
    public BodyFormat Format { get; set; }

    /// <summary>By <see cref="EventNames"/>; empty takes every event.</summary>
    public required string[] Events { get; set; }

    public required string[] ModelNames { get; set; }

    /// <summary>By their names on the wire.</summary>
    public required string[] Statuses { get; set; }

    public SubscriptionState State { get; set; }

    /// <summary>Why it was turned off.</summary>
    public string? StateReason { get; set; }

    /// <summary>Grows with each change by a person, and when it is turned off by itself: who opened a form before that must not turn it on by saving.</summary>
    public int Version { get; set; }

    public DateTime CreatedAt { get; set; }
    public required string Secret { get; set; }

    /// <summary>Signs beside the new one until it is past its time.</summary>
    public string? PreviousSecret { get; set; }

    public DateTime? PreviousSecretUntil { get; set; }

    /// <summary>Every event up to this id has its delivery, or needs none.</summary>
    public long Position { get; set; }

    /// <summary>Events that left the log before their turn came.</summary>
    public long Skipped { get; set; }

    /// <summary>Attempts that failed since the last success.</summary>
    public int Failures { get; set; }

    public DateTime? FailingSince { get; set; }

    /// <summary>Nothing is sent before.</summary>
    public DateTime? RestUntil { get; set; }

    /// <summary>The replica that serves it.</summary>
    public string? LeasedBy { get; set; }

    public DateTime? LeasedUntil { get; set; }

    internal EventFilter Filter => new(ProjectId)
    {
        // None chosen means all that this version knows: during an upgrade a newer one may log others.
        Actions = [.. (Events.Length == 0 ? EventNames.All : Events).SelectMany(EventNames.ActionsOf)],
        ModelNames = ModelNames,
        Statuses = [.. Statuses.Select(s => EvaluationStatuses.TryParse(s, out EvaluationStatus status) ? status : default)],
    };

    internal IReadOnlyList<string> SecretsAt(DateTime now) =>
        PreviousSecret is { } previous && PreviousSecretUntil > now ? [Secret, previous] : [Secret];
}
