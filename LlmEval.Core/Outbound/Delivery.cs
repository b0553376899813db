using System.Security.Cryptography;
using System.Text;
using LlmEval.Core.Events;

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

    /// <summary>Null when nothing was sent.</summary>
    public int? DurationMs { get; set; }

    /// <summary>The beginning of what was answered.</summary>
    public string? Answer { get; set; }

    /// <summary>Why there was no answer.</summary>
    public string? Fault { get; set; }

    /// <param name="messageId">Null makes one.</param>
    internal static Delivery New(Subscription to, string eventName, string traceId, string payload, DateTime now, string? messageId = null) => new()
    {
        SubscriptionId = to.Id,
        ProjectId = to.ProjectId,
        MessageId = messageId ?? $"msg_{Guid.NewGuid():N}",
        EventName = eventName,
        TraceId = traceId,
        Payload = payload,
        CreatedAt = now,
        NextAttemptAt = now,
    };

    /// <param name="e">Of the log, or a notice of what will be logged later: it has the same id as that.</param>
    internal static Delivery Of(Subscription to, LogEvent e, DateTime now)
    {
        string? messageId = e.Action == EventAction.System ? IdOf(to, e.Payload.Span) : null;
        return New(to, EventNames.Of(e.Action), e.TraceId, Encoding.UTF8.GetString(e.Payload.Span), now, messageId);
    }

    private static string IdOf(Subscription to, ReadOnlySpan<byte> payload)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(to.Id));
        hash.AppendData(payload);
        return $"msg_{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16))}";
    }
}
