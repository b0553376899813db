using System.Data.Common;
using LlmEval.Core.Access;
using LlmEval.Core.Outbound;
using LlmEval.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Outbound;

public class DeliveryFailureTests
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(6);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

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
    [EveryDatabase("\u0015\u0003\u0003\0\u0002\u0002\n")]
    [EveryDatabase("\0\0\0\n")]
    public async Task WhoAnswersInBytesThatAreNoTextFailsLikeAnyOther(DatabaseKind kind, string bytes)
    {
        await using var receiver = new RawReceiver(bytes);
        await using TestCore core = await StartAsync(kind);
        Subscription made = await core.SubscribeAsync(receiver.Url);

        await core.StoreAsync("t-1");
        await core.UntilAsync(made, all => all is [{ Attempts: 1 }]);
        Delivery test = await core.Get<SendTest>().RunAsync(made, Cancel);

        Delivery failed = (await core.DeliveriesAsync())[0];
        Assert.Equal((DeliveryState.Waiting, DeliveryState.GivenUp), (failed.State, test.State));
        Assert.All([failed.Fault!, test.Fault!], fault =>
        {
            Assert.Contains("\uFFFD", fault, StringComparison.Ordinal);
            Assert.DoesNotContain(fault, char.IsControl);
        });
    }

    [Theory]
    [EveryDatabase]
    public async Task WhatCameOfAnAttemptCountsEvenIfTheAnswerCannotBeStored(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        receiver.Answer = (context, _) => context.Response.WriteAsync(Squeamish.Word, context.RequestAborted);
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time, services =>
        {
            services.ConfigureDbContext<Core.Storage.Sqlite.SqliteDb>(options => options.AddInterceptors(new Squeamish()));
            services.ConfigureDbContext<Core.Storage.Postgres.PostgresDb>(options => options.AddInterceptors(new Squeamish()));
        }));
        Subscription made = await core.SubscribeAsync(receiver.At("/"));

        await core.StoreAsync("t-1");
        await core.UntilAsync(made, all => all is [{ State: DeliveryState.Delivered, StatusCode: 200, Answer: null }]);

        Assert.Single(receiver.Requests);
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

        // Who opened the form while it was on saves a name, and with it that it is on.
        SubscriptionAnswer saved = await core.Get<Subscriptions>().ChangeAsync(
            made.ProjectId, made.Id, _ => SubscriptionDraft.Of(made) with { Name = "renamed" }, Actor.System, Cancel, made.Version);
        Assert.Single(saved.Faults);
        Assert.Equal(SubscriptionState.Disabled, (await core.ReadAsync(made)).State);
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

    private Task<TestCore> StartAsync(DatabaseKind kind) => TestCore.StartAsync(kind, OutboundCore.Parts(_time));

    /// <summary>A database that one word cannot be written into.</summary>
    private sealed class Squeamish : DbCommandInterceptor
    {
        public const string Word = "unspeakable";

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
            command.Parameters.Cast<DbParameter>().Any(p => p.Value is Word)
                ? throw new FormatException("The word cannot be written.")
                : ValueTask.FromResult(result);
    }
}
