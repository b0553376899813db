using System.Globalization;
using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Outbound;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Outbound;

public class DeliveryTests
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(6);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [EveryDatabase]
    public async Task AnEventArrivesSignedWithItsIdAndType(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        Subscription made = await core.SubscribeAsync(receiver.At("/hook"));

        await core.StoreAsync("t-1");
        await core.UntilAsync(made, all => all is [{ State: DeliveryState.Delivered }]);

        Received received = Assert.Single(receiver.Requests);
        Assert.Equal("/hook", received.Path);
        Assert.Equal(("new_trace", "trace_updates", "t-1", 1), (
            received.Json.GetProperty("type").GetString(), received.Json.GetProperty("event").GetString(), received.TraceId, received.Json.GetProperty("id").GetInt64()));
        Assert.Equal("application/json", received.Headers.ContentType);
        Assert.Equal(Signature(received, made.Secret), received.Headers["webhook-signature"]);
        Delivery delivery = Assert.Single(await core.DeliveriesAsync());
        Assert.Equal((received.Id, 1, 200), (delivery.MessageId, delivery.Attempts, delivery.StatusCode));
    }

    /// <summary>A page that looks again only when it is told sees how it ends.</summary>
    [Theory]
    [EveryDatabase]
    public async Task WhatBecomesOfADeliveryIsToldAtOnce(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        Subscription made = await core.SubscribeAsync(receiver.At("/"));
        OutboundSignal signal = core.Get<OutboundSignal>();
        Task told = signal.NextDelivery;

        await core.StoreAsync("t-1");
        while (true)
        {
            await told.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
            told = signal.NextDelivery;
            if (await core.DeliveriesAsync(made) is [{ State: DeliveryState.Delivered }])
            {
                break;
            }
        }
    }

    [Theory]
    [EveryDatabase]
    public async Task OnlyWhatASubscriptionAsksForArrives(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        await core.SubscribeAsync(new SubscriptionDraft { Url = receiver.At("/verdicts"), Events = ["evaluation_updates"], Statuses = ["rejected"] });
        await core.SubscribeAsync(new SubscriptionDraft { Url = receiver.At("/claude"), ModelNames = ["claude"] });

        await core.StoreAsync("t-1", "t-2");
        await core.StoreAsync(SomeTrace.New(("trace_id", "\"t-3\""), ("model_name", "\"claude\"")));
        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted));
        await core.JudgeAsync(new Verdict("t-2", EvaluationStatus.Rejected));
        await receiver.UntilAsync(2);
        await core.StoreAsync(SomeTrace.New(("trace_id", "\"last\""), ("model_name", "\"claude\"")));
        await receiver.UntilAsync(3);

        Assert.Equal(
            ["/claude last", "/claude t-3", "/verdicts t-2"],
            receiver.Requests.Select(r => $"{r.Path} {r.TraceId}").Order());
    }

    [Theory]
    [EveryDatabase]
    public async Task TheyArriveInTheOrderOfTheLog(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        await core.SubscribeAsync(receiver.At("/"));
        string[] ids = [.. Enumerable.Range(0, 40).Select(i => $"t-{i}")];

        foreach (string[] some in ids.Chunk(7))
        {
            await core.StoreAsync(some);
        }

        await receiver.UntilAsync(40);
        Assert.Equal(ids, receiver.TraceIds);
    }

    [Theory]
    [EveryDatabase]
    public async Task WhatFailsIsSentAgainUnderTheSameIdAndHoldsNothingUp(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        bool broken = true;
        receiver.Answer = (context, received) =>
        {
            context.Response.StatusCode = broken && received.TraceId == "poison" ? 500 : 204;
            return Task.CompletedTask;
        };
        Subscription made = await core.SubscribeAsync(receiver.At("/"));

        await core.StoreAsync("t-1", "poison", "t-2", "t-3");
        await core.UntilAsync(made, all => all.Count(d => d.State == DeliveryState.Delivered) == 3);
        Assert.Equal(["t-1", "poison", "t-2", "t-3"], receiver.TraceIds);
        Delivery failed = Assert.Single(await core.DeliveriesAsync(), d => d.State == DeliveryState.Waiting);
        Assert.Equal(("poison", 1, 500), (failed.TraceId, failed.Attempts, failed.StatusCode));

        broken = false;
        _time.Advance(FirstRetry);
        await core.UntilAsync(made, all => all.All(d => d.State == DeliveryState.Delivered));
        Assert.Equal(5, receiver.Requests.Count);
        Assert.Equal(failed.MessageId, receiver.Requests.Last().Id);
        Assert.Equal(failed.MessageId, receiver.Requests.ElementAt(1).Id);
    }

    [Theory]
    [EveryDatabase]
    public async Task AnAddressThatHangsHoldsNoOtherUp(DatabaseKind kind)
    {
        await using TestReceiver deaf = await TestReceiver.StartAsync();
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        deaf.Answer = (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);
        Subscription hanging = await core.SubscribeAsync(deaf.At("/"));
        await core.SubscribeAsync(receiver.At("/"));

        await core.StoreAsync("t-1", "t-2", "t-3");
        await receiver.UntilAsync(3);
        await deaf.UntilAsync(1);

        _time.Advance(TimeSpan.FromSeconds(15));
        await core.UntilAsync(hanging, all => all[0].Attempts == 1);
        Assert.Equal("no answer within 15 s", (await core.DeliveriesAsync(hanging))[0].Fault);
    }

    [Theory]
    [EveryDatabase]
    public async Task AnAddressThatOnlyFailsIsLeftAloneAndThenGetsEverything(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        int status = 503;
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };
        Subscription made = await core.SubscribeAsync(receiver.At("/"));
        string[] ids = [.. Enumerable.Range(0, 10).Select(i => $"t-{i}")];

        await core.StoreAsync(ids);
        await Eventually.TrueAsync(async () => (await core.ReadAsync(made)).RestUntil is not null);
        Assert.Equal(3, receiver.Requests.Count);
        Assert.Equal(3, (await core.ReadAsync(made)).Failures);

        status = 200;
        _time.Advance(TimeSpan.FromSeconds(2));
        await core.UntilAsync(made, all => all.Length == 10 && all.All(d => d.State == DeliveryState.Delivered));
        Assert.Null((await core.ReadAsync(made)).FailingSince);
        Assert.Equal(ids.ToHashSet(), receiver.Requests.Skip(3).Select(r => r.TraceId).ToHashSet());
    }

    [Theory]
    [EveryDatabase]
    public async Task WhatAReceiverAsksToWaitIsWaited(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "600";
            return Task.CompletedTask;
        };
        Subscription made = await core.SubscribeAsync(receiver.At("/"));

        await core.StoreAsync("t-1");
        await core.UntilAsync(made, all => all is [{ Attempts: 1 }]);
        Assert.Equal(SomeTrace.Now.AddSeconds(600), (await core.DeliveriesAsync())[0].NextAttemptAt);

        // Written after the delivery.
        await Eventually.TrueAsync(async () => (await core.ReadAsync(made)).RestUntil == SomeTrace.Now.AddSeconds(600));

        _time.Advance(TimeSpan.FromSeconds(601));
        await receiver.UntilAsync(2);
    }

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
    public async Task ARedirectIsAFailureAndNotFollowed(DatabaseKind kind)
    {
        await using TestReceiver inside = await TestReceiver.StartAsync();
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        receiver.Answer = (context, _) =>
        {
            context.Response.Redirect(inside.At("/secret"), permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        };
        Subscription made = await core.SubscribeAsync(receiver.At("/"));

        await core.StoreAsync("t-1");
        await core.UntilAsync(made, all => all is [{ Attempts: 1 }]);

        Assert.Equal(307, (await core.DeliveriesAsync())[0].StatusCode);
        Assert.Empty(inside.Requests);
    }

    [Theory]
    [EveryDatabase]
    public async Task AnEndlessAnswerIsCutOff(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        var cut = new TaskCompletionSource();
        receiver.Answer = async (context, _) =>
        {
            byte[] block = new byte[1 << 20];
            block.AsSpan().Fill((byte)'x');
            try
            {
                while (true)
                {
                    await context.Response.Body.WriteAsync(block, context.RequestAborted);
                }
            }
            finally
            {
                // However the server is told: canceled, reset, or by an abort between two writes.
                cut.TrySetResult();
            }
        };
        Subscription made = await core.SubscribeAsync(receiver.At("/"));
        long before = GC.GetTotalAllocatedBytes();

        await core.StoreAsync("t-1");
        await core.UntilAsync(made, all => all is [{ State: DeliveryState.Delivered }]);
        await cut.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel);

        Assert.Equal(new string('x', 1_024), (await core.DeliveriesAsync())[0].Answer);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 500_000_000);
    }

    [Theory]
    [EveryDatabase]
    public async Task WhoSaysGoneIsLeftAlone(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = 410;
            return Task.CompletedTask;
        };
        Subscription made = await core.SubscribeAsync(receiver.At("/"));

        await core.StoreAsync("t-1");
        await Eventually.TrueAsync(async () => (await core.ReadAsync(made)).State == SubscriptionState.Disabled);

        Assert.Equal("The address answered 410 Gone.", (await core.ReadAsync(made)).StateReason);
        Assert.Single(receiver.Requests);
    }

    [Theory]
    [EveryDatabase]
    public async Task AfterFiveDaysOfFailuresItIsTurnedOffAndTurnedOnItBeginsAnew(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        Subscription made = await core.SubscribeAsync(receiver.At("/"));
        await core.StoreAsync("t-1");
        await core.UntilAsync(made, all => all is [{ Attempts: 1 }]);

        _time.Advance(TimeSpan.FromDays(5));
        await Eventually.TrueAsync(async () => (await core.ReadAsync(made)).State == SubscriptionState.Disabled);
        Assert.StartsWith("Nothing could be delivered since 2026-05-04 12:00", (await core.ReadAsync(made)).StateReason, StringComparison.Ordinal);

        await core.StoreAsync("while it was off");
        receiver.Requests.Clear();
        receiver.Answer = (_, _) => Task.CompletedTask;
        await core.ChangeAsync(made, d => d with { Active = true });
        await core.StoreAsync("t-2");
        _time.Advance(TimeSpan.FromHours(1));
        await receiver.UntilAsync(2);
        Assert.Equal(["t-1", "t-2"], receiver.TraceIds.Order());
    }

    [Theory]
    [EveryDatabase]
    public async Task AChangeHoldsForTheNextEvent(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        Subscription made = await core.SubscribeAsync(receiver.At("/first"));
        await core.StoreAsync("t-1");
        await receiver.UntilAsync(1);

        await core.ChangeAsync(made, d => d with { Url = receiver.At("/second"), Events = ["new_trace"] });
        await core.StoreAsync("t-2");
        await receiver.UntilAsync(2);
        await core.ChangeAsync(made, d => d with { Active = false });
        await core.StoreAsync("t-3");
        await core.ChangeAsync(made, d => d with { Active = true });
        await core.StoreAsync("t-4");
        await receiver.UntilAsync(3);

        Assert.Equal(["/first t-1", "/second t-2", "/second t-4"], receiver.Requests.Select(r => $"{r.Path} {r.TraceId}"));
    }

    [Theory]
    [EveryDatabase]
    public async Task ARotatedSecretSignsBesideTheNewOneForADay(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        Subscription made = await core.SubscribeAsync(receiver.At("/"));
        Subscription rotated = (await core.Get<Subscriptions>().RotateSecretAsync(Projects.Default, made.Id, Actor.System, Cancel))!;
        Assert.NotEqual(made.Secret, rotated.Secret);

        await core.StoreAsync("t-1");
        await receiver.UntilAsync(1);
        Received first = receiver.Requests.Single();
        Assert.Equal($"{Signature(first, rotated.Secret)} {Signature(first, made.Secret)}", first.Headers["webhook-signature"]);

        _time.Advance(TimeSpan.FromHours(25));
        await core.StoreAsync("t-2");
        await receiver.UntilAsync(2);
        Received second = receiver.Requests.Last();
        Assert.Equal(Signature(second, rotated.Secret), second.Headers["webhook-signature"]);
    }

    [Theory]
    [EveryDatabase]
    public async Task ADeliveryIsSentAgainByHandUnderTheSameId(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        Subscription made = await core.SubscribeAsync(receiver.At("/"));
        await core.StoreAsync("t-1");
        await core.UntilAsync(made, all => all is [{ State: DeliveryState.Delivered }]);
        Delivery delivery = (await core.DeliveriesAsync())[0];

        Assert.Equal(RedeliverOutcome.Queued, await core.Get<Redeliver>().RunAsync(Projects.Default, made.Id, delivery.Id, Cancel));
        await receiver.UntilAsync(2);
        Assert.All(receiver.Requests, r => Assert.Equal(delivery.MessageId, r.Id));

        await core.ChangeAsync(made, d => d with { Active = false });
        Assert.Equal(RedeliverOutcome.NotActive, await core.Get<Redeliver>().RunAsync(Projects.Default, made.Id, delivery.Id, Cancel));
    }

    [Theory]
    [EveryDatabase]
    public async Task ATestSaysWhatTheAddressAnswers(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await StartAsync(kind);
        receiver.Answer = async (context, _) =>
        {
            context.Response.StatusCode = 418;
            await context.Response.WriteAsync("short and stout\0");
        };
        Subscription made = await core.SubscribeAsync(new SubscriptionDraft { Url = receiver.At("/"), Format = BodyFormat.Slack });

        Delivery test = await core.Get<SendTest>().RunAsync(made, Cancel);

        Assert.Equal((DeliveryState.GivenUp, 418, "short and stout\uFFFD"), (test.State, test.StatusCode, test.Answer));
        Assert.Equal("""{"text":"LlmEval can reach this address."}""", Assert.Single(receiver.Requests).Body);
        Assert.Equal("test", Assert.Single(await core.DeliveriesAsync()).EventName);
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

    private static string Signature(Received received, string secret) => SigningSecret.Sign(
        [secret],
        received.Id,
        long.Parse(received.Headers["webhook-timestamp"].ToString(), CultureInfo.InvariantCulture),
        Encoding.UTF8.GetBytes(received.Body));

    private Task<TestCore> StartAsync(DatabaseKind kind) => TestCore.StartAsync(kind, OutboundCore.Parts(_time));
}
