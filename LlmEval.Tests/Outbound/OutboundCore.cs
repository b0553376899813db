using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Outbound;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Outbound;

/// <summary>The parts that webhooks need, on a database, with a clock that the test moves.</summary>
internal static class OutboundCore
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="more">May replace what was added.</param>
    public static Action<IServiceCollection, IConfiguration> Parts(FakeTimeProvider time, Action<IServiceCollection>? more = null) => (services, configuration) =>
    {
        StoredTraces.Add(services, configuration);

        // What ticks by the second would make a test of days long.
        foreach (ServiceDescriptor ticking in services.Where(s => s.ImplementationType == typeof(RollupFoldLoop) || s.ImplementationType == typeof(EventHeartbeat)).ToArray())
        {
            services.Remove(ticking);
        }

        services.AddSingleton<TimeProvider>(time);
        services.AddOutbound(configuration);
        services.Configure<OutboundOptions>(options => options.AllowPrivateAddresses = true);
        more?.Invoke(services);
    };

    public static async Task<Subscription> SubscribeAsync(this TestCore core, SubscriptionDraft draft)
    {
        SubscriptionAnswer answer = await core.Get<Subscriptions>().MakeAsync(Projects.Default, draft, Actor.System, Cancel);
        Assert.Empty(answer.Faults);
        return answer.Subscription!;
    }

    public static Task<Subscription> SubscribeAsync(this TestCore core, string url) => core.SubscribeAsync(new SubscriptionDraft { Url = url });

    public static Task<SubscriptionAnswer> ChangeAsync(this TestCore core, Subscription subscription, Func<SubscriptionDraft, SubscriptionDraft> change) =>
        core.Get<Subscriptions>().ChangeAsync(Projects.Default, subscription.Id, change, Actor.System, Cancel);

    public static async Task<Subscription> ReadAsync(this TestCore core, Subscription subscription) =>
        (await core.Get<Subscriptions>().FindAsync(Projects.Default, subscription.Id, Cancel))!;

    /// <summary>Oldest first.</summary>
    public static async Task<Delivery[]> DeliveriesAsync(this TestCore core, Subscription? of = null)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        return await db.Set<Delivery>().Where(d => of == null || d.SubscriptionId == of.Id).OrderBy(d => d.Id).ToArrayAsync(Cancel);
    }

    public static Task UntilAsync(this TestCore core, Subscription of, Func<Delivery[], bool> holds) =>
        Eventually.TrueAsync(async () => holds(await core.DeliveriesAsync(of)));

    /// <summary>Stores new traces, one after the other.</summary>
    public static Task StoreAsync(this TestCore core, params string[] traceIds) =>
        core.StoreAsync([.. traceIds.Select(id => SomeTrace.New(("trace_id", $"\"{id}\"")))]);
}
