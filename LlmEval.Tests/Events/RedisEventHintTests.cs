using LlmEval.Core.Events;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Events;

public class RedisEventHintTests
{
    [Fact]
    public async Task AReplicaHearsOthersAndNotItself()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using TestCore one = await StartAsync(redis.Url);
        await using TestCore other = await StartAsync(redis.Url);
        int heardByOne = 0;
        int heardByOther = 0;
        one.Get<IEventHint>().Heard += () => Interlocked.Increment(ref heardByOne);
        other.Get<IEventHint>().Heard += () => Interlocked.Increment(ref heardByOther);

        one.Get<IEventHint>().Announce(7);

        await Eventually.TrueAsync(() => Volatile.Read(ref heardByOther) == 1);
        Assert.Equal(0, Volatile.Read(ref heardByOne));
    }

    [Fact]
    public async Task ManyAnnouncementsNeverWaitAndTheLastIsHeard()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using TestCore one = await StartAsync(redis.Url);
        await using TestCore other = await StartAsync(redis.Url);
        int heard = 0;
        other.Get<IEventHint>().Heard += () => Interlocked.Increment(ref heard);

        long start = TimeProvider.System.GetTimestamp();
        for (int head = 1; head <= 100_000; head++)
        {
            one.Get<IEventHint>().Announce(head);
        }

        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(5));
        await Eventually.TrueAsync(() => Volatile.Read(ref heard) > 0);
        Assert.InRange(Volatile.Read(ref heard), 1, 100_000);
    }

    [Fact]
    public async Task WithoutRedisNothingThrowsAndItIsHeardAgainAfterwards()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using TestCore one = await StartAsync(redis.Url);
        await using TestCore other = await StartAsync(redis.Url);
        await redis.StopAsync();
        for (int head = 1; head <= 1_000; head++)
        {
            one.Get<IEventHint>().Announce(head);
        }

        await Eventually.TrueAsync(() => !one.Get<IEventHint>().IsHeard);

        await redis.ResumeAfterStopAsync();
        int heard = 0;
        await Eventually.TrueAsync(() => one.Get<IEventHint>().IsHeard && other.Get<IEventHint>().IsHeard);
        other.Get<IEventHint>().Heard += () => Interlocked.Increment(ref heard);
        int next = 1_000;
        await Eventually.TrueAsync(() =>
        {
            one.Get<IEventHint>().Announce(++next);
            return Volatile.Read(ref heard) > 0;
        });
    }

    private static async Task<TestCore> StartAsync(string url)
    {
        TestCore core = await TestCore.StartAsync(DatabaseKind.Sqlite, (services, configuration) =>
        {
            configuration["REDIS_URL"] = url;
            services.AddEvents(configuration);
        });
        await Eventually.TrueAsync(() => core.Get<IEventHint>().IsHeard && core.Get<EventHub>().Started.IsCompleted);
        return core;
    }
}
