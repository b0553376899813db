using LlmEval.Core.Limits;
using LlmEval.Core.Redis;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace LlmEval.Tests.Limits;

public class OpenSlotsTests
{
    [Fact]
    public void WhatIsOpenIsCountedExactly()
    {
        OpenSlots slots = new OpenSlotsFactory(shared: null).Make("streams", perCaller: 3, total: 10);
        int open = 0;
        Parallel.For(0, 10_000, i =>
        {
            string who = $"{i % 5}";
            if (Enter(slots, who) == SlotRefusal.None)
            {
                Assert.InRange(Interlocked.Increment(ref open), 1, 10);
                Interlocked.Decrement(ref open);
                slots.Leave(who);
            }
        });

        Assert.Equal([SlotRefusal.None, SlotRefusal.None, SlotRefusal.None, SlotRefusal.TooMany], Enumerable.Range(0, 4).Select(_ => Enter(slots, "a")));
        Assert.Equal(SlotRefusal.None, Enter(slots, null));
        Assert.All(Enumerable.Range(0, 6), i => Assert.Equal(SlotRefusal.None, Enter(slots, $"b{i}")));
        Assert.Equal(SlotRefusal.Full, Enter(slots, "c"));
    }

    [Fact]
    public async Task ReplicasCountTogether()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using Replica one = await Replica.StartAsync(redis);
        await using Replica two = await Replica.StartAsync(redis);

        Assert.Equal(SlotRefusal.None, await one.Streams.EnterAsync("a"));
        Assert.Equal(SlotRefusal.None, await one.Streams.EnterAsync("a"));
        Assert.Equal(SlotRefusal.None, await two.Streams.EnterAsync("a"));
        Assert.Equal(SlotRefusal.TooMany, await two.Streams.EnterAsync("a"));
        Assert.Equal(SlotRefusal.TooMany, await one.Streams.EnterAsync("a"));

        // Others, and what is counted by itself, have room.
        Assert.Equal(SlotRefusal.None, await two.Streams.EnterAsync("b"));
        Assert.Equal(SlotRefusal.None, await two.Pages.EnterAsync("a"));

        // Of those that were refused nothing is left.
        one.Streams.Leave("a");
        Assert.Equal(SlotRefusal.None, await one.Streams.EnterAsync("a"));
        Assert.Equal(SlotRefusal.TooMany, await one.Streams.EnterAsync("a"));
        one.Streams.Leave("a");
        one.Streams.Leave("a");
        two.Streams.Leave("a");
        two.Streams.Leave("b");
        two.Pages.Leave("a");
        await Eventually.TrueAsync(async () => await one.CountKeysAsync() == 0);
    }

    [Fact]
    public async Task ManyAtOnceOnBothGetNoMoreThanThereIs()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using Replica one = await Replica.StartAsync(redis);
        await using Replica two = await Replica.StartAsync(redis);

        SlotRefusal[] said = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(i => Task.Run(async () => await (i % 2 == 0 ? one : two).Streams.EnterAsync("a"))));

        Assert.InRange(said.Count(s => s == SlotRefusal.None), 1, 3);
        while (await one.Streams.EnterAsync("a") == SlotRefusal.None)
        {
        }

        Assert.Equal(3, await one.CountAsync("a"));
    }

    [Fact]
    public async Task WhatADeadReplicaHadOpenIsForgotten()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using Replica one = await Replica.StartAsync(redis);
        Assert.Equal(SlotRefusal.None, await one.Streams.EnterAsync("a"));
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        await one.SayForAnotherAsync("a", open: 2, believedUntil: now + 60_000);
        Assert.Equal(SlotRefusal.TooMany, await one.Streams.EnterAsync("a"));

        await one.SayForAnotherAsync("a", open: 2, believedUntil: now - 1);
        Assert.Equal(SlotRefusal.None, await one.Streams.EnterAsync("a"));
        Assert.Equal(2, await one.CountAsync("a"));
    }

    [Fact]
    public async Task WithoutRedisEachCountsForItselfAndTellsItLater()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using Replica one = await Replica.StartAsync(redis);
        await using Replica two = await Replica.StartAsync(redis);
        await redis.StopAsync();

        foreach (Replica replica in new[] { one, two })
        {
            await Eventually.TrueAsync(() => !replica.IsConnected);
            Assert.Equal(SlotRefusal.None, await replica.Streams.EnterAsync("a"));
            Assert.Equal(SlotRefusal.None, await replica.Streams.EnterAsync("a"));
        }

        await redis.ResumeAfterStopAsync();
        await Eventually.TrueAsync(() => one.IsConnected && two.IsConnected);
        one.Shared.SayAgain();
        two.Shared.SayAgain();
        await Eventually.TrueAsync(async () => await one.CountAsync("a") == 4);
        Assert.Equal(SlotRefusal.TooMany, await one.Streams.EnterAsync("a"));
    }

    /// <summary>Without Redis nothing waits.</summary>
    private static SlotRefusal Enter(OpenSlots slots, string? partition)
    {
        ValueTask<SlotRefusal> entering = slots.EnterAsync(partition);
        Assert.True(entering.IsCompletedSuccessfully);
        return entering.Result;
    }

    private sealed class Replica : IAsyncDisposable
    {
        private static readonly IOptions<StorageOptions> Storage = Options.Create(new StorageOptions { DatabaseUrl = "postgresql://localhost/slots" });
        private static readonly string Prefix = $"llmeval:{StorageIdentity.Of(Storage.Value)}:open:";

        private readonly RedisConnection _redis;

        private Replica(RedisConnection redis)
        {
            _redis = redis;
            Shared = new SharedSlots(
                new CountingRedis(redis, Storage, TimeProvider.System, NullLogger<CountingRedis>.Instance) { Patience = TimeSpan.FromSeconds(20) },
                TimeProvider.System);
            var factory = new OpenSlotsFactory(Shared);
            Streams = factory.Make("streams", perCaller: 3, total: 0);
            Pages = factory.Make("pages", perCaller: 1, total: 0);
        }

        public SharedSlots Shared { get; }

        public OpenSlots Streams { get; }

        public OpenSlots Pages { get; }

        public bool IsConnected => _redis.Multiplexer is { IsConnected: true };

        private IDatabase Database => _redis.Multiplexer!.GetDatabase();

        public static async Task<Replica> StartAsync(TestRedis redis)
        {
            var connection = new RedisConnection(
                Options.Create(new RedisOptions { Url = redis.Url }), TimeProvider.System, NullLogger<RedisConnection>.Instance);
            await connection.StartAsync(TestContext.Current.CancellationToken);
            var replica = new Replica(connection);
            await Eventually.TrueAsync(() => replica.IsConnected);
            return replica;
        }

        public async Task<int> CountKeysAsync() => (int)await Database.ExecuteAsync("DBSIZE");

        /// <summary>How many Redis says that all have open.</summary>
        public async Task<int> CountAsync(string partition) =>
            (await Database.HashValuesAsync($"{Prefix}streams:{partition}")).Sum(v => int.Parse($"{v}".Split(':')[0], System.Globalization.CultureInfo.InvariantCulture));

        public Task SayForAnotherAsync(string partition, int open, long believedUntil) =>
            Database.HashSetAsync($"{Prefix}streams:{partition}", "another", $"{open}:{believedUntil}");

        public async ValueTask DisposeAsync()
        {
            await _redis.StopAsync(CancellationToken.None);
            await _redis.DisposeAsync();
        }
    }
}
