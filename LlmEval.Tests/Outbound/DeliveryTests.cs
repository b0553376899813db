using System.Globalization;
using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Outbound;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Outbound;

public class DeliveryTests
{
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

    private static string Signature(Received received, string secret) => DeliverySignature.Of(
        [secret],
        received.Id,
        long.Parse(received.Headers["webhook-timestamp"].ToString(), CultureInfo.InvariantCulture),
        Encoding.UTF8.GetBytes(received.Body));

    private Task<TestCore> StartAsync(DatabaseKind kind) => TestCore.StartAsync(kind, OutboundCore.Parts(_time));
}
