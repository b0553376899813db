using System.Text.Json.Serialization;
using LlmEval.Core.Outbound;

namespace LlmEval.Web.Outbound;

/// <summary>A subscription as it is sent. What is left out stays, or takes its default.</summary>
internal sealed record SubscriptionRequest(
    [property: JsonPropertyName("url")] string? Url = null,
    [property: JsonPropertyName("name")] string? Name = null,
    [property: JsonPropertyName("events")] IReadOnlyList<string>? Events = null,
    [property: JsonPropertyName("model_name")] IReadOnlyList<string>? ModelName = null,
    [property: JsonPropertyName("evaluation_status")] IReadOnlyList<string>? EvaluationStatus = null,
    [property: JsonPropertyName("format")] string? Format = null,
    [property: JsonPropertyName("active")] bool? Active = null)
{
    /// <summary>What only this form of it can get wrong.</summary>
    public IReadOnlyList<string> FindFaults()
    {
        var faults = new List<string>();
        if (Format is not (null or SubscriptionWords.Json or SubscriptionWords.Slack))
        {
            faults.Add($"format: must be {SubscriptionWords.Json} or {SubscriptionWords.Slack}");
        }

        if (new[] { Events, ModelName, EvaluationStatus }.Any(list => list is not null && list.Any(item => item is null)))
        {
            faults.Add("events, model_name, evaluation_status: must be lists of texts");
        }

        return faults;
    }

    public SubscriptionDraft Over(SubscriptionDraft before) => before with
    {
        Url = Url ?? before.Url,
        Name = Name ?? before.Name,
        Events = Events ?? before.Events,
        ModelNames = ModelName ?? before.ModelNames,
        Statuses = EvaluationStatus ?? before.Statuses,
        Format = Format is null ? before.Format : SubscriptionWords.FormatOf(Format),
        Active = Active ?? before.Active,
    };
}

/// <summary>A subscription as it is answered.</summary>
/// <param name="Secret">When it was just made; never again.</param>
internal sealed record SubscriptionShape(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("events")] IReadOnlyList<string> Events,
    [property: JsonPropertyName("model_name")] IReadOnlyList<string> ModelName,
    [property: JsonPropertyName("evaluation_status")] IReadOnlyList<string> EvaluationStatus,
    [property: JsonPropertyName("format")] string Format,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("state_reason")] string? StateReason,
    [property: JsonPropertyName("created_at")] DateTime CreatedAt,
    [property: JsonPropertyName("failing_since")] DateTime? FailingSince,
    [property: JsonPropertyName("skipped_events")] long SkippedEvents,
    [property: JsonPropertyName("secret")] string? Secret,
    [property: JsonPropertyName("previous_secret_until")] DateTime? PreviousSecretUntil)
{
    public static SubscriptionShape Of(Subscription s, bool withSecret = false) => new(
        s.Id,
        s.Name,
        s.Url,
        s.Events,
        s.ModelNames,
        s.Statuses,
        SubscriptionWords.Of(s.Format),
        SubscriptionWords.Of(s.State),
        s.StateReason,
        s.CreatedAt,
        s.FailingSince,
        s.Skipped,
        withSecret ? s.Secret : null,
        s.PreviousSecretUntil);
}

internal sealed record SubscriptionListShape([property: JsonPropertyName("items")] IReadOnlyList<SubscriptionShape> Items);

/// <summary>A delivery and what became of its last attempt.</summary>
internal sealed record DeliveryShape(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("webhook_id")] string WebhookId,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("event_id")] long? EventId,
    [property: JsonPropertyName("trace_id")] string? TraceId,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("attempts")] int Attempts,
    [property: JsonPropertyName("created_at")] DateTime CreatedAt,
    [property: JsonPropertyName("attempted_at")] DateTime? AttemptedAt,
    [property: JsonPropertyName("next_attempt_at")] DateTime? NextAttemptAt,
    [property: JsonPropertyName("status_code")] int? StatusCode,
    [property: JsonPropertyName("duration_ms")] int? DurationMs,
    [property: JsonPropertyName("answer")] string? Answer,
    [property: JsonPropertyName("error")] string? Error)
{
    public static DeliveryShape Of(Delivery d) => new(
        d.Id,
        d.MessageId,
        d.EventName,
        d.EventId,
        d.TraceId.Length > 0 ? d.TraceId : null,
        SubscriptionWords.Of(d.State),
        d.Attempts,
        d.CreatedAt,
        d.AttemptedAt,
        d.NextAttemptAt,
        d.StatusCode,
        d.DurationMs,
        d.Answer,
        d.Fault);
}

internal sealed record DeliveryListShape(
    [property: JsonPropertyName("items")] IReadOnlyList<DeliveryShape> Items,
    [property: JsonPropertyName("next_cursor")] string? NextCursor);
