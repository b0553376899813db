using LlmEval.Core.Events;
using LlmEval.Core.Outbound;
using LlmEval.Core.Primitives;
using LlmEval.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Outbound;

/// <summary>What cannot be logged, because the database is away, is sent all the same.</summary>
public class NoticeTests
{
    private static readonly PendingEvent Away = new(
        LogEvent.OfServer,
        EventAction.System,
        TraceId: "",
        ModelName: "",
        EvaluationStatus.Pending,
        PreviousStatus: null,
        """{"event":"system_updates","data":{"action":"alert_raised","message":"The database does not answer."},"timestamp":"2026-11-23T00:00:00Z"}"""u8.ToArray());

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));

    [Theory, EveryDatabase]
    public async Task ANoticeIsSentAtOnceAndIsNotSentAgainWhenItIsLogged(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time));
        Subscription made = await core.SubscribeAsync(receiver.At("/"));

        await UntilItArrivesAsync(core, receiver);
        Received notice = receiver.Requests.First();

        Assert.False(notice.Json.TryGetProperty("id", out _));
        Assert.Equal("system_updates", notice.Json.GetProperty("type").GetString());
        Assert.Equal("The database does not answer.", notice.Json.GetProperty("data").GetProperty("message").GetString());
        Assert.NotEmpty(notice.Headers["webhook-signature"].ToString());
        Assert.Empty(await core.DeliveriesAsync());

        await core.Get<ILoggedChange>().ApplyAsync($"UPDATE webhook_subscriptions SET name = 'x' WHERE id = {made.Id}", Away, Cancel);

        // Its event has the readers look at the log.
        await core.StoreAsync("t-1");
        await core.UntilAsync(made, all => all is [{ State: DeliveryState.Delivered }, { State: DeliveryState.Delivered }]);
        Delivery logged = (await core.DeliveriesAsync())[0];

        Assert.Equal((notice.Id, "system_updates", 200), (logged.MessageId, logged.EventName, logged.StatusCode));
        Assert.Equal("new_trace", Assert.Single(receiver.Requests, r => r.Id != notice.Id).Json.GetProperty("type").GetString());
        Assert.Single(receiver.Requests, r => r.Id == notice.Id);
    }

    [Theory, EveryDatabase]
    public async Task WhatDidNotArriveIsDeliveredWithTheSameIdWhenItIsLogged(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = receiver.Requests.Count == 1 ? 500 : 200;
            return Task.CompletedTask;
        };
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time));
        Subscription made = await core.SubscribeAsync(receiver.At("/"));
        await UntilItArrivesAsync(core, receiver);

        await core.Get<ILoggedChange>().ApplyAsync($"UPDATE webhook_subscriptions SET name = 'x' WHERE id = {made.Id}", Away, Cancel);
        await core.StoreAsync("t-1");
        await core.UntilAsync(made, all => all is [{ State: DeliveryState.Delivered }, { State: DeliveryState.Delivered }]);

        Received[] twice = [.. receiver.Requests.Where(r => r.Json.GetProperty("type").GetString() == "system_updates")];
        Assert.Equal(2, twice.Length);
        Assert.Single(twice.Select(r => r.Id).Distinct());
        Assert.Equal(1, twice[1].Json.GetProperty("id").GetInt64());
    }

    [Theory, EveryDatabase]
    public async Task ASubscriptionToSomethingElseIsNotTold(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time));
        await core.SubscribeAsync(new SubscriptionDraft { Url = receiver.At("/verdicts"), Events = ["evaluation_updates"] });
        await core.SubscribeAsync(new SubscriptionDraft { Url = receiver.At("/off"), Active = false });
        await core.SubscribeAsync(receiver.At("/all"));

        await UntilItArrivesAsync(core, receiver);

        Assert.All(receiver.Requests, r => Assert.Equal("/all", r.Path));
    }

    [Theory, EveryDatabase]
    public async Task AReceiverThatHangsHoldsUpNobodyElse(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        receiver.Answer = (context, received) =>
            received.Path == "/hangs" ? Task.Delay(Timeout.Infinite, context.RequestAborted) : Task.CompletedTask;
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time));
        await core.SubscribeAsync(receiver.At("/hangs"));
        await core.SubscribeAsync(receiver.At("/answers"));
        await Eventually.TrueAsync(async () =>
        {
            core.Get<EventNotices>().Publish(Away);
            await Task.WhenAny(receiver.UntilAsync(1), Task.Delay(1_000, Cancel));
            return Count("/hangs") == 1;
        });

        int before = Count("/answers");
        core.Get<EventNotices>().Publish(Away);

        await Eventually.TrueAsync(() => Count("/answers") > before);
        Assert.Equal(1, Count("/hangs"));

        int Count(string path) => receiver.Requests.Count(r => r.Path == path);
    }

    // The subscription may be too new to be known at the first.
    private static async Task UntilItArrivesAsync(TestCore core, TestReceiver receiver)
    {
        for (int i = 0; receiver.Requests.IsEmpty && i < 20; i++)
        {
            core.Get<EventNotices>().Publish(Away);
            await Task.WhenAny(receiver.UntilAsync(1), Task.Delay(1_000, Cancel));
        }

        await receiver.UntilAsync(1);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
