namespace LlmEval.Core.Outbound;

/// <summary>How a delivery stands. The numbers are stored: never renumber.</summary>
public enum DeliveryState : byte
{
    /// <summary>Yet to be sent, or to be sent again.</summary>
    Waiting = 0,
    Delivered = 1,
    GivenUp = 2,
}

/// <summary>An event on its way to a subscription's address, with what became of the last attempt.</summary>
public sealed class Delivery
{
    public long Id { get; set; }
    public long SubscriptionId { get; set; }
    public int ProjectId { get; set; }

    /// <summary>The header <c>webhook-id</c>: the same in every attempt, so that a receiver knows what it has had.</summary>
    public required string MessageId { get; set; }

    /// <summary>Null for a test.</summary>
    public long? EventId { get; set; }

    public required string EventName { get; set; }
    public required string TraceId { get; set; }

    /// <summary>The event's envelope as JSON text.</summary>
    public required string Payload { get; set; }

    public DateTime CreatedAt { get; set; }
    public DeliveryState State { get; set; }
    public int Attempts { get; set; }

    /// <summary>Null when there will be none.</summary>
    public DateTime? NextAttemptAt { get; set; }

    public DateTime? AttemptedAt { get; set; }
    public int? StatusCode { get; set; }
    public int? DurationMs { get; set; }

    /// <summary>The beginning of what was answered.</summary>
    public string? Answer { get; set; }

    /// <summary>Why there was no answer.</summary>
    public string? Fault { get; set; }

    internal static Delivery New(Subscription to, string eventName, string traceId, string payload, DateTime now) => new()
    {
        SubscriptionId = to.Id,
        ProjectId = to.ProjectId,
        MessageId = $"msg_{Guid.NewGuid():N}",
        EventName = eventName,
        TraceId = traceId,
        Payload = payload,
        CreatedAt = now,
        NextAttemptAt = now,
    };
}
