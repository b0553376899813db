using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Support;

/// <summary>The test support keeps what it promises.</summary>
public class SupportTests
{
    [Theory, EveryDatabase]
    public async Task ADatabaseIsEmptyAndHasItsTables(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind);
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, await db.Set<EventHead>().Select(h => h.LastId).SingleAsync(TestContext.Current.CancellationToken));
        Assert.Contains(kind.ToString(), db.GetType().Name);
    }

    [Theory, EveryDatabase]
    public async Task TwoTestsNeverShareADatabase(DatabaseKind kind)
    {
        await using TestCore one = await TestCore.StartAsync(kind);
        await using TestCore other = await TestCore.StartAsync(kind);
        await using (LlmEvalDb db = await one.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            await db.Set<EventHead>().ExecuteUpdateAsync(set => set.SetProperty(h => h.LastId, 7), TestContext.Current.CancellationToken);
        }

        await using LlmEvalDb untouched = await other.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await untouched.Set<EventHead>().Select(h => h.LastId).SingleAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [EveryDatabase("a", 1)]
    [EveryDatabase("b", 2)]
    public void ATheoryRunsOnEveryDatabaseWithEachOfItsValues(DatabaseKind kind, string text, int number)
    {
        Assert.True(Enum.IsDefined(kind));
        Assert.Equal(text[0] - 'a' + 1, number);
    }

    [Fact]
    public async Task AWatchedClockMovesOnlyOnceSomebodyWaitsForIt()
    {
        var time = new WatchedClock();

        // Twice: who has waited does not wait any more.
        for (int i = 0; i < 2; i++)
        {
            Task passing = time.PassAsync(TimeSpan.FromSeconds(1));
            Assert.False(passing.IsCompleted);

            await Task.WhenAll(Task.Delay(TimeSpan.FromSeconds(1), time, TestContext.Current.CancellationToken), passing);
        }
    }

    [Fact]
    public async Task ARedisStopsAndComesBack()
    {
        await using TestRedis redis = await TestRedis.StartAsync();

        await redis.StopAsync();
        await redis.ResumeAfterStopAsync();
        await redis.PauseAsync();
        await redis.ResumeAfterPauseAsync();
        await redis.PauseAsync();
    }

    [Theory, EveryDatabase]
    public async Task AServerAnswersAndItsStreamsAreRead(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using TestStream stream = await server.OpenStreamAsync("/stream/events");

        Assert.Equal(0, (await server.StatsAsync()).GetProperty("total_traces").GetInt64());
        StreamFrame first = await stream.NextAsync();
        Assert.Equal(("connected", 0L), (first.Name, first.Id));
    }

    [Theory, EveryDatabase]
    public async Task AServerTakesTheClockOfTheTest(DatabaseKind kind)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2031, 5, 6, 7, 8, 9, TimeSpan.Zero));
        await using TestServer server = await TestServer.StartAsync(kind, replace: services => services.AddSingleton<TimeProvider>(time));

        Assert.Equal(time.GetUtcNow(), (await server.StatsAsync()).GetProperty("timestamp").GetDateTimeOffset());
    }
}
