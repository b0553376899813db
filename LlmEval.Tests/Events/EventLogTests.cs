using System.Collections.Concurrent;
using System.Data.Common;
using LlmEval.Core.Caching;
using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Core.Storage.Sqlite;
using LlmEval.Core.Writing;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LlmEval.Tests.Events;

public class EventLogTests
{
    /// <summary>Contexts come from a pool: the next one may have a long question to ask.</summary>
    [Theory, EveryDatabase]
    public async Task TheShortPatienceOfItsReadsStaysWithThem(DatabaseKind kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using TestServer server = await TestServer.StartAsync(database);
        var log = server.Services.GetRequiredService<EventLog>();
        var databases = server.Services.GetRequiredService<IDbContextFactory<LlmEvalDb>>();
        await using LlmEvalDb fresh = await databases.CreateDbContextAsync(TestContext.Current.CancellationToken);
        int? usual = fresh.Database.GetCommandTimeout();

        for (int i = 0; i < 20; i++)
        {
            await log.ReadBoundsAsync(TestContext.Current.CancellationToken);
            await using LlmEvalDb next = await databases.CreateDbContextAsync(TestContext.Current.CancellationToken);

            Assert.Equal(usual, next.Database.GetCommandTimeout());
        }
    }

    /// <summary>No writer makes a hole; a database that was put together from backups may have one.</summary>
    [Theory, EveryDatabase]
    public async Task AReaderThatMeetsAHoleIsToldOnceAndGoesOnBehindIt(DatabaseKind kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using (TestCore before = await TestCore.StartAsync(database, StoredTraces.Add))
        {
            await before.StoreAsync([.. Enumerable.Range(1, 5).Select(i => SomeTrace.New(("trace_id", $"\"t-{i}\"")))]);
            await using LlmEvalDb db = await before.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken);
            await db.Set<EventRow>().Where(e => e.Id == 3).ExecuteDeleteAsync(TestContext.Current.CancellationToken);
        }

        await using TestCore core = await TestCore.StartAsync(database, StoredTraces.Add);
        await core.Get<EventHub>().Started;
        using EventReader reader = core.Get<EventFeed>().OpenAfter(2, EventFilter.Everything);
        var events = new List<LogEvent>();

        Assert.Equal(EventRead.Lost, await reader.ReadAsync(events, TestContext.Current.CancellationToken));
        Assert.Equal(3, reader.Position);
        Assert.Equal(EventRead.More, await reader.ReadAsync(events, TestContext.Current.CancellationToken));
        Assert.Equal([4, 5], events.Select(e => e.Id));
    }

    /// <summary>As when the others went on, and trimmed the log, while this replica was cut off.</summary>
    [Theory, EveryDatabase]
    public async Task AHoleBeforeARunningServerIsSkippedAndItsReadersAreTold(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.Get<EventHub>().Started;
        using EventReader reader = core.Get<EventFeed>().OpenLive(EventFilter.Everything);
        await SetHeadAsync(core, 1_000);

        await core.StoreAsync(SomeTrace.New());
        await Eventually.TrueAsync(() => core.Get<EventHub>().Head == 1_001);

        var events = new List<LogEvent>();
        Assert.Equal(EventRead.Lost, await reader.ReadAsync(events, TestContext.Current.CancellationToken));
        Assert.Equal(1_000, reader.Position);
        Assert.NotEqual(EventRead.Lost, await reader.ReadAsync(events, TestContext.Current.CancellationToken));
        Assert.Equal(1_001, Assert.Single(events).Id);
    }

    /// <summary>As when this replica and another store in turn: between its own batches it lacks the other's. One of them is lost besides.</summary>
    [Theory, EveryDatabase]
    public async Task GapsBetweenAReplicasOwnBatchesAreFilledFromTheLog(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await core.Get<EventHub>().Started;
        await core.StoreAsync([.. Enumerable.Range(1, 12).Select(i => SomeTrace.New(("trace_id", $"\"t-{i}\"")))]);
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken);
        await db.Set<EventRow>().Where(e => e.Id == 8).ExecuteDeleteAsync(TestContext.Current.CancellationToken);
        using var hub = new EventHub(TimeProvider.System);
        hub.Start(2);
        hub.Publish(SomeEvent.Range(5, 1));
        hub.Publish(SomeEvent.Range(7, 1));
        hub.Publish(SomeEvent.Range(10, 2));
        using EventReader reader = ActivatorUtilities.CreateInstance<EventFeed>(core.Services, hub).OpenAfter(2, EventFilter.Everything);
        using EventTail tail = ActivatorUtilities.CreateInstance<EventTail>(core.Services, hub);
        await tail.StartAsync(TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(() => hub.Head == 12);

        await tail.StopAsync(TestContext.Current.CancellationToken);
        int lost = 0;
        var ids = new List<long>();
        var events = new List<LogEvent>();
        while (reader.Position < 12)
        {
            events.Clear();
            lost += await reader.ReadAsync(events, TestContext.Current.CancellationToken) == EventRead.Lost ? 1 : 0;
            ids.AddRange(events.Select(e => e.Id));
        }

        Assert.Equal([3, 4, 5, 6, 7, 9, 10, 11, 12], ids);
        Assert.Equal(1, lost);
    }

    /// <summary>As when a database takes over that lacks the last commits: the same numbers would be given out again.</summary>
    [Theory, EveryDatabase]
    public async Task AServerUnderWhichTheLogWasSetBackSaysSoAndStops(DatabaseKind kind)
    {
        await using var clock = new RunningClock(SomeTrace.Now);
        await using TestCore core = await TestCore.StartAsync(kind, (services, configuration) =>
        {
            StoredTraces.Add(services, configuration);
            clock.Replace(services);
        });
        clock.Start();
        await core.StoreAsync([.. Enumerable.Range(1, 3).Select(i => SomeTrace.New(("trace_id", $"\"t-{i}\"")))]);
        await SetHeadAsync(core, 2);

        await Eventually.TrueAsync(() => core.Get<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);

        string message = Assert.Throws<EventLogSetBackException>(core.Get<StorageReadiness>().ThrowIfRefused).Message;
        Assert.Contains("ended at 3 and now ends at 2", message, StringComparison.Ordinal);
    }

    private static async Task SetHeadAsync(TestCore core, long last)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken);
        await db.Set<EventHead>().ExecuteUpdateAsync(set => set.SetProperty(head => head.LastId, last), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AFaultOfOursEndsNeitherTheTailNorWhatFollowsItForTheCache()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using (TestCore before = await TestCore.StartAsync(database, StoredTraces.Add))
        {
            await before.StoreAsync(SomeTrace.New());
        }

        var faults = new FaultyReads();
        await using TestCore core = await TestCore.StartAsync(database, (services, configuration) =>
        {
            StoredTraces.Add(services, configuration);
            services.ConfigureDbContext<SqliteDb>(options => options.AddInterceptors(faults));
        });

        await Eventually.TrueAsync(() => core.Get<TraceCache>().IsFollowing);

        // As another process would: without a word to this one's hub.
        await core.Get<ITraceStore>().InsertAsync([SomePrepared.Trace("after")], [], TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => core.Get<EventHub>().Head == 2);
        Assert.True(faults.AreOver);
    }

    /// <summary>The clock of one replica is behind that of another.</summary>
    [Theory, EveryDatabase]
    public async Task TrimmingTakesOnlyFromTheBeginningOn(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, StoredTraces.Add);
        await core.StoreAsync([.. Enumerable.Range(1, 5).Select(i => SomeTrace.New(("trace_id", $"\"t-{i}\"")))]);
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken);
        await db.Set<EventRow>()
            .Where(e => e.Id == 1 || e.Id == 2 || e.Id == 4)
            .ExecuteUpdateAsync(set => set.SetProperty(e => e.CreatedAt, SomeTrace.Now.AddYears(-1)), TestContext.Current.CancellationToken);
        IOptions<EventOptions> options = Options.Create(new EventOptions { KeepAtLeast = 0 });
        EventTrimLoop loop = ActivatorUtilities.CreateInstance<EventTrimLoop>(core.Services, options, Array.Empty<IEventConsumer>());

        Assert.Equal(2, await loop.TrimAsync(TestContext.Current.CancellationToken));

        Assert.Equal([3, 4, 5], await db.Set<EventRow>().OrderBy(e => e.Id).Select(e => e.Id).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Theory, EveryDatabase]
    public async Task AReaderOfManyLargeEventsGetsThemInPagesOfAMegabyte(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, StoredTraces.Add);
        string tags = string.Join(",", Enumerable.Range(0, 64).Select(i => $"\"{i:00}{new string('x', 250)}\""));
        await core.StoreAsync([.. Enumerable.Range(1, 100).Select(i => SomeTrace.New(("trace_id", $"\"t-{i}\""), ("tags", $"[{tags}]")))]);
        EventLog log = core.Get<EventLog>();

        IReadOnlyList<LogEvent> page = await log.ReadAsync(0, before: null, 500, TestContext.Current.CancellationToken, mostBytes: 1 << 20);
        IReadOnlyList<LogEvent> one = await log.ReadAsync(page[^1].Id, before: null, 500, TestContext.Current.CancellationToken, mostBytes: 1);

        Assert.InRange(page.Sum(e => (long)e.Frame.Length), 1 << 20, (1 << 20) + page[^1].Frame.Length);
        Assert.Equal(page[^1].Id + 1, Assert.Single(one).Id);
    }

    /// <summary>Every question that is asked of the log fails a few times, as by a mistake of ours.</summary>
    private sealed class FaultyReads : DbCommandInterceptor
    {
        private const int Times = 4;

        private readonly ConcurrentDictionary<string, int> _asked = new();

        public bool AreOver => _asked.Values.Count(times => times > Times) >= 2;

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
            command.CommandText.Contains("\"event", StringComparison.Ordinal) && _asked.AddOrUpdate(command.CommandText, 1, (_, times) => times + 1) <= Times
                ? throw new KeyNotFoundException("a mistake of ours")
                : ValueTask.FromResult(result);
    }
}
