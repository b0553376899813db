using LlmEval.Core.Outbound;

namespace LlmEval.Web.Outbound;

/// <summary>A subscription as its card shows it.</summary>
/// <param name="Deliveries">Null while they are not shown.</param>
public sealed record WebhookCard(Subscription Subscription, DeliveryCounts Counts, IReadOnlyList<Delivery>? Deliveries);
