using LlmEval.Core.Events;
using LlmEval.Core.Outbound;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Outbound;

public class DeliveryLogTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [EveryDatabase]
    public async Task NothingIsSkippedWhenTheServerStopsAndStarts(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        int status = 500;
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };
        await using (TestCore core = await TestCore.StartAsync(database, OutboundCore.Parts(_time)))
        {
            Subscription made = await core.SubscribeAsync(receiver.At("/"));
            await core.StoreAsync("t-1", "t-2");
            await core.UntilAsync(made, all => all.Any(d => d.Attempts > 0));
        }

        // While it is away, another replica that sends nothing stores more.
        await using (TestCore storing = await TestCore.StartAsync(database, StoredTraces.Add))
        {
            await storing.StoreAsync("t-3", "t-4");
        }

        status = 200;
        receiver.Requests.Clear();
        _time.Advance(TimeSpan.FromMinutes(10));
        await using (TestCore core = await TestCore.StartAsync(database, OutboundCore.Parts(_time)))
        {
            await receiver.UntilAsync(4);
            await Eventually.TrueAsync(async () => (await core.DeliveriesAsync()).All(d => d.State == DeliveryState.Delivered));
            Assert.Equal(["t-1", "t-2", "t-3", "t-4"], receiver.TraceIds);
        }
    }

    [Fact]
    public async Task TwoReplicasSendEachEventOnceAndOneFollowsTheOther()
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        Action<IServiceCollection> patient = services => services.Configure<OutboundOptions>(options => options.TimeoutSeconds = 60);
        await using TestCore second = await TestCore.StartAsync(database, OutboundCore.Parts(_time, patient));
        await using (TestCore first = await TestCore.StartAsync(database, OutboundCore.Parts(_time, patient)))
        {
            await first.SubscribeAsync(receiver.At("/"));
            await first.StoreAsync("t-1", "t-2", "t-3");
            await receiver.UntilAsync(3);
            for (int i = 0; i < 10; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(20, Cancel);
            }

            Assert.Equal(["t-1", "t-2", "t-3"], receiver.TraceIds);
        }

        await second.StoreAsync("t-4");
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            return receiver.Requests.Count == 4;
        });
        Assert.Equal(["t-1", "t-2", "t-3", "t-4"], receiver.TraceIds);
    }

    [Theory]
    [EveryDatabase]
    public async Task EventsThatLeftTheLogAreCountedAndTheRestGoesOn(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        Subscription made;
        await using (TestCore core = await TestCore.StartAsync(database, OutboundCore.Parts(_time)))
        {
            made = await core.SubscribeAsync(receiver.At("/"));
        }

        await using (TestCore storing = await TestCore.StartAsync(database, StoredTraces.Add))
        {
            await storing.StoreAsync("t-1", "t-2", "t-3");
            await using LlmEvalDb db = await storing.Databases.CreateDbContextAsync(Cancel);
            await db.Set<EventRow>().Where(e => e.Id <= 2).ExecuteDeleteAsync(Cancel);
        }

        await using TestCore again = await TestCore.StartAsync(database, OutboundCore.Parts(_time));
        await receiver.UntilAsync(1);
        Assert.Equal(["t-3"], receiver.TraceIds);
        Assert.Equal(2, (await again.ReadAsync(made)).Skipped);
    }

    [Theory]
    [EveryDatabase]
    public async Task TheLogIsKeptForThoseWhoAreBehindUnlessTheyFail(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        IEventConsumer positions = core.Services.GetServices<IEventConsumer>().Single(c => c is SubscriptionPositions);
        Assert.Equal(long.MaxValue, await positions.ReadPositionAsync(Cancel));

        Subscription made = await core.SubscribeAsync(receiver.At("/"));
        await core.StoreAsync("t-1", "t-2");
        await Eventually.TrueAsync(async () => await positions.ReadPositionAsync(Cancel) == 2);

        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        await core.StoreAsync("t-3");
        await core.UntilAsync(made, all => all.Any(d => d.StatusCode == 500));
        await Eventually.TrueAsync(async () => await positions.ReadPositionAsync(Cancel) == long.MaxValue);
    }

    [Theory]
    [EveryDatabase]
    public async Task WhoIsTooSlowHoldsTheLogForTwiceAsLongAsItIsKeptAndNoLonger(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        receiver.Answer = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);
        await using TestCore core = await StartAsync(kind);
        await core.SubscribeAsync(receiver.At("/"));
        await core.StoreAsync("t-1");
        await receiver.UntilAsync(1);
        await core.StoreAsync("t-2", "t-3");

        Assert.Equal(1, await HeldFromAsync(nextEventIsOld: TimeSpan.FromHours(143)));
        Assert.Equal(long.MaxValue, await HeldFromAsync(nextEventIsOld: TimeSpan.FromHours(145)));

        async Task<long> HeldFromAsync(TimeSpan nextEventIsOld)
        {
            await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
            DateTime then = SomeTrace.Now - nextEventIsOld;
            await db.Set<EventRow>().Where(e => e.Id == 2).ExecuteUpdateAsync(set => set.SetProperty(e => e.CreatedAt, then), Cancel);
            return await core.Services.GetServices<IEventConsumer>().Single(c => c is SubscriptionPositions).ReadPositionAsync(Cancel);
        }
    }

    [Theory]
    [EveryDatabase]
    public async Task OldDeliveriesGoAndThoseThatWaitStay(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        Subscription made = await core.SubscribeAsync(new SubscriptionDraft { Url = "http://127.0.0.1:9/", Active = false });
        await using (LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel))
        {
            db.AddRange(
                Made(made, "old", DeliveryState.Delivered, days: 8),
                Made(made, "old but waiting", DeliveryState.Waiting, days: 8),
                Made(made, "given up long ago", DeliveryState.GivenUp, days: 8),
                Made(made, "new", DeliveryState.Delivered, days: 6));
            await db.SaveChangesAsync(Cancel);
        }

        await ActivatorUtilities.CreateInstance<DeliveryTrimLoop>(core.Services).TrimAsync(Cancel);

        Assert.Equal(["old but waiting", "new"], (await core.DeliveriesAsync()).Select(d => d.TraceId));
    }

    private static Delivery Made(Subscription of, string traceId, DeliveryState state, int days)
    {
        Delivery delivery = Delivery.New(of, "new_trace", traceId, "{}", SomeTrace.Now.AddDays(-days));
        (delivery.State, delivery.AttemptedAt) = (state, SomeTrace.Now.AddDays(-days));
        return delivery;
    }

    private Task<TestCore> StartAsync(DatabaseKind kind) => TestCore.StartAsync(kind, OutboundCore.Parts(_time));
}
