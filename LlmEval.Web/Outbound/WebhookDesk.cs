using LlmEval.Core.Access;
using LlmEval.Core.Outbound;
using LlmEval.Web.Access;

namespace LlmEval.Web.Outbound;

/// <summary>What the page does with webhooks, for the project at hand.</summary>
public sealed class WebhookDesk(
    Subscriptions subscriptions,
    DeliveryQueries deliveries,
    Redeliver redeliver,
    SendTest test,
    OutboundSignal signal,
    PageProject project,
    PageCaller viewer)
{
    private const int MostListed = 50;

    /// <summary>Completes when what is shown may have changed.</summary>
    public Task Changed => signal.NextDelivery;

    public Task<IReadOnlyList<Subscription>> ListAsync(CancellationToken cancel) => subscriptions.ListAsync(project.Id, cancel);

    public Task<DeliveryCounts> CountAsync(Subscription subscription, CancellationToken cancel) => deliveries.CountAsync(subscription, cancel);

    public Task<IReadOnlyList<Delivery>> DeliveriesAsync(long subscription, CancellationToken cancel) =>
        deliveries.ListAsync(project.Id, subscription, state: null, before: null, MostListed, cancel);

    public async Task<SubscriptionAnswer> MakeAsync(SubscriptionDraft draft, CancellationToken cancel) =>
        await subscriptions.MakeAsync(project.Id, draft, await ActorAsync(), cancel);

    /// <param name="seen">As it was when the form was opened.</param>
    public async Task<SubscriptionAnswer> ChangeAsync(Subscription seen, SubscriptionDraft draft, CancellationToken cancel) =>
        await subscriptions.ChangeAsync(project.Id, seen.Id, _ => draft, await ActorAsync(), cancel, seen.Version);

    public async Task<SubscriptionAnswer> TurnAsync(long id, bool on, CancellationToken cancel) =>
        await subscriptions.ChangeAsync(project.Id, id, before => before with { Active = on }, await ActorAsync(), cancel);

    public async Task<Subscription?> RotateAsync(long id, CancellationToken cancel) =>
        await subscriptions.RotateSecretAsync(project.Id, id, await ActorAsync(), cancel);

    public async Task DeleteAsync(long id, CancellationToken cancel) => await subscriptions.DeleteAsync(project.Id, id, await ActorAsync(), cancel);

    public async Task<Delivery> TestAsync(Subscription subscription, CancellationToken cancel)
    {
        await ActorAsync();
        return await test.RunAsync(subscription, cancel);
    }

    public async Task<RedeliverOutcome> RedeliverAsync(Delivery delivery, CancellationToken cancel)
    {
        await ActorAsync();
        return await redeliver.RunAsync(project.Id, delivery.SubscriptionId, delivery.Id, cancel);
    }

    /// <exception cref="NotAllowedException"/>
    private async Task<Actor> ActorAsync() => (await viewer.DemandAsync(Rights.Admin)).ToActor();
}
