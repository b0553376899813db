using LlmEval.Core.Outbound;
using LlmEval.Web.Access;

namespace LlmEval.Web.Outbound;

/// <summary>What the page does with webhooks, for the project at hand.</summary>
public sealed class WebhookDesk(Subscriptions subscriptions, DeliveryQueries deliveries, Redeliver redeliver, SendTest test, PageProject project)
{
    private const int MostListed = 50;

    public Task<IReadOnlyList<Subscription>> ListAsync(CancellationToken cancel) => subscriptions.ListAsync(project.Id, cancel);

    public Task<DeliveryCounts> CountAsync(Subscription subscription, CancellationToken cancel) => deliveries.CountAsync(subscription, cancel);

    public Task<IReadOnlyList<Delivery>> DeliveriesAsync(long subscription, CancellationToken cancel) =>
        deliveries.ListAsync(project.Id, subscription, state: null, before: null, MostListed, cancel);

    public Task<SubscriptionAnswer> MakeAsync(SubscriptionDraft draft, CancellationToken cancel) => subscriptions.MakeAsync(project.Id, draft, cancel);

    public Task<SubscriptionAnswer> ChangeAsync(long id, SubscriptionDraft draft, CancellationToken cancel) =>
        subscriptions.ChangeAsync(project.Id, id, _ => draft, cancel);

    public Task<SubscriptionAnswer> TurnAsync(long id, bool on, CancellationToken cancel) =>
        subscriptions.ChangeAsync(project.Id, id, before => before with { Active = on }, cancel);

    public Task<Subscription?> RotateAsync(long id, CancellationToken cancel) => subscriptions.RotateSecretAsync(project.Id, id, cancel);

    public Task DeleteAsync(long id, CancellationToken cancel) => subscriptions.DeleteAsync(project.Id, id, cancel);

    public Task<Delivery> TestAsync(Subscription subscription, CancellationToken cancel) => test.RunAsync(subscription, cancel);

    public Task<RedeliverOutcome> RedeliverAsync(Delivery delivery, CancellationToken cancel) =>
        redeliver.RunAsync(project.Id, delivery.SubscriptionId, delivery.Id, cancel);
}
