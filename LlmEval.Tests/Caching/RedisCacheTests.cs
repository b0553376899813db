using System.Diagnostics;
using LlmEval.Core.Caching;
using LlmEval.Core.Primitives;
using LlmEval.Core.Redis;
using LlmEval.Core.Review;
using LlmEval.Tests.Support;
using StackExchange.Redis;

namespace LlmEval.Tests.Caching;

/// <summary>With Redis, without it, and with it in trouble: the same answers, and never an error.</summary>
public class RedisCacheTests
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task OneReplicaReadsWhatAnotherHasCached()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var queries = new CountedQueries();
        await using TestCore one = await StartAsync(database, redis.Url);
        await using TestCore other = await StartAsync(database, redis.Url, queries);
        await one.StoreAsync(SomeTrace.New(("metadata", """{"n":1e999999}"""), ("cost", "0.10"), ("user_query", "\"é 😀\"")));
        await SeenAsync(other, 1);
        await one.ReadCachedAsync("t-1");
        await Eventually.TrueAsync(async () => (await KeysAsync(redis)).Length == 1);

        var read = (await other.ReadCachedAsync("t-1"))!;

        Assert.Equal(0, queries.OfTraces);
        Assert.Equal(("""{"n":1e999999}""", "0.10", "é 😀"), (read.Trace.Metadata, $"{read.Trace.Cost}", read.Trace.UserQuery));
        Assert.Equal((await one.FindAsync("t-1"))!.Trace.ContentHash, read.Trace.ContentHash);

        await other.JudgeAsync(new Verdict("t-1", EvaluationStatus.Rejected) { Tags = ["x"] });
        Assert.Equal(2, (await other.ReadCachedAsync("t-1"))!.Trace.Version);
        await Eventually.TrueAsync(async () => (await one.ReadCachedAsync("t-1"))!.Trace.Version == 2);
        Assert.Equal("x", (await one.ReadCachedAsync("t-1"))!.History.Single().Tags!.Single());
    }

    [Fact]
    public async Task WhatRedisKeptOverARestartIsUsedOrKnownToBeStale()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using (TestCore before = await StartAsync(database, redis.Url))
        {
            await before.StoreAsync(SomeTrace.New(("trace_id", "\"same\"")), SomeTrace.New(("trace_id", "\"changed\"")));
            await before.ReadCachedAsync("same");
            await before.ReadCachedAsync("changed");
            await Eventually.TrueAsync(async () => (await KeysAsync(redis)).Length == 2);

            await redis.PauseAsync();
            await before.JudgeAsync(new Verdict("changed", EvaluationStatus.Accepted));
        }

        await redis.ResumeAfterPauseAsync();
        var queries = new CountedQueries();
        await using TestCore after = await StartAsync(database, redis.Url, queries);

        Assert.Equal(2, (await after.ReadCachedAsync("changed"))!.Trace.Version);
        Assert.Equal(1, queries.OfTraces);
        Assert.Equal(1, (await after.ReadCachedAsync("same"))!.Trace.Version);
        Assert.Equal(1, queries.OfTraces);
    }

    [Fact]
    public async Task RedisThatStopsAndComesBackIsNotNoticed()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using TestCore core = await StartAsync(database, redis.Url);
        await core.StoreAsync([.. Ids(8).Select(id => SomeTrace.New(("trace_id", $"\"{id}\"")))]);

        await redis.StopAsync();
        await ReadAndJudgeAsync(core, version: 2);

        await redis.ResumeAfterStopAsync();
        await ReadAndJudgeAsync(core, version: 3);
        await CachesAgainAsync(core, redis);
    }

    [Fact]
    public async Task RedisThatHangsCostsAMomentAndIsLeftAlone()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using TestCore core = await StartAsync(database, redis.Url);
        await core.StoreAsync([.. Ids(8).Select(id => SomeTrace.New(("trace_id", $"\"{id}\"")))]);
        await core.ReadCachedAsync("t-0");

        await redis.PauseAsync();
        await ReadAndJudgeAsync(core, version: 2);
        Assert.True(core.Get<CacheMetrics>().RedisFaults > 0);
        await redis.ResumeAfterPauseAsync();
        await ReadAndJudgeAsync(core, version: 3);
        await CachesAgainAsync(core, redis);
    }

    [Fact]
    public async Task AStartWithoutRedisIsLikeAnyOther()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await redis.StopAsync();
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using TestCore core = await StartAsync(database, redis.Url, connected: false);
        await core.StoreAsync([.. Ids(8).Select(id => SomeTrace.New(("trace_id", $"\"{id}\"")))]);
        await ReadAndJudgeAsync(core, version: 2);

        await redis.ResumeAfterStopAsync();
        await CachesAgainAsync(core, redis);
    }

    [Theory]
    [InlineData("maxmemory", "1")]
    [InlineData("min-replicas-to-write", "3")]
    public async Task RedisThatTakesNothingIsNotNoticed(string setting, string value)
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using TestCore core = await StartAsync(database, redis.Url);
        await core.StoreAsync([.. Ids(8).Select(id => SomeTrace.New(("trace_id", $"\"{id}\"")))]);
        await using (ConnectionMultiplexer admin = await AdminAsync(redis))
        {
            await admin.GetServers()[0].ConfigSetAsync(setting, value);
        }

        await ReadAndJudgeAsync(core, version: 2);

        await Eventually.TrueAsync(() => core.Get<CacheMetrics>().RedisFaults > 0);
        Assert.False(core.Get<CircuitBreaker>().IsOpen);
    }

    private static async Task ReadAndJudgeAsync(TestCore core, int version)
    {
        foreach (string id in Ids(8))
        {
            var watch = Stopwatch.StartNew();
            await core.ReadCachedAsync(id);
            await core.JudgeAsync(new Verdict(id, EvaluationStatus.Accepted));
            Assert.Equal(version, (await core.ReadCachedAsync(id))!.Trace.Version);
            Assert.True(watch.Elapsed < Slow, $"{id} took {watch.Elapsed}.");
        }
    }

    private static async Task CachesAgainAsync(TestCore core, TestRedis redis)
    {
        int round = 0;
        await Eventually.TrueAsync(async () =>
        {
            string id = $"again-{round++}";
            await core.StoreAsync(SomeTrace.New(("trace_id", $"\"{id}\"")));
            await core.ReadCachedAsync(id);
            await Task.Delay(100);
            return (await KeysAsync(redis)).Any(key => key.EndsWith(id, StringComparison.Ordinal));
        });
    }

    private static IEnumerable<string> Ids(int count) => Enumerable.Range(0, count).Select(i => $"t-{i}");

    private static async Task<TestCore> StartAsync(TestDatabase database, string url, CountedQueries? queries = null, bool connected = true)
    {
        TestCore core = await TestCore.StartAsync(database, (services, configuration) =>
        {
            configuration["REDIS_URL"] = url;
            StoredTraces.Add(services, configuration);
            queries?.AddTo(services);
        });
        await Eventually.TrueAsync(() => core.Get<TraceCache>().IsFollowing);
        if (connected)
        {
            await Eventually.TrueAsync(() => core.Get<RedisConnection>().Multiplexer is { IsConnected: true });
        }

        return core;
    }

    private static Task SeenAsync(TestCore core, long eventId) =>
        Eventually.TrueAsync(() => core.Get<LlmEval.Core.Events.EventHub>().Head >= eventId);

    private static async Task<string[]> KeysAsync(TestRedis redis)
    {
        await using ConnectionMultiplexer admin = await AdminAsync(redis);
        return [.. admin.GetServers()[0].Keys(pattern: "llmeval:*").Select(key => (string)key!)];
    }

    private static Task<ConnectionMultiplexer> AdminAsync(TestRedis redis) =>
        ConnectionMultiplexer.ConnectAsync(redis.Url["redis://".Length..] + ",allowAdmin=true");
}
