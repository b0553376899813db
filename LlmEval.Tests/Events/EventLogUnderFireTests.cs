using System.Collections.Concurrent;
using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Core.Writing;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Tests.Events;

/// <summary>The promise that everything live stands on: ids are gapless and become visible in order.</summary>
public class EventLogUnderFireTests
{
    private const int Writers = 4;
    private const int BatchesEach = 60;

    [Theory, EveryDatabase]
    public async Task NoReaderMissesOrRepeatsAnIdWhileWritersWriteAndDie(DatabaseKind kind)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using TestCore core = await TestCore.StartAsync(kind, (services, configuration) => services.AddEvents(configuration).AddWriting(configuration));
        var store = core.Get<ITraceStore>();
        var acknowledged = new ConcurrentBag<string>();
        using var writing = new CancellationTokenSource();

        // Two readers poll the log as other replicas do, one follows the hub as a stream does.
        Task<List<long>>[] readers =
        [
            Task.Run(() => PollAsync(core, writing.Token), cancel),
            Task.Run(() => PollAsync(core, writing.Token), cancel),
            Task.Run(() => FollowAsync(core, writing.Token), cancel),
        ];
        Task killer = kind == DatabaseKind.Postgres ? Task.Run(() => KillAsync(core, writing.Token), cancel) : Task.CompletedTask;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(() => WriteAsync(store, w, acknowledged), cancel)));
        long head = (await core.Get<EventLog>().ReadBoundsAsync(cancel)).Head;
        await WaitUntilAsync(() => core.Get<EventHub>().Head >= head);
        await writing.CancelAsync();
        await killer;

        long[] expected = [.. Enumerable.Range(1, (int)head).Select(i => (long)i)];
        foreach (Task<List<long>> reader in readers)
        {
            Assert.Equal(expected, await reader);
        }

        // Every acknowledged trace is there with exactly one event, and nothing is there without one.
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(cancel);
        List<string> stored = await db.Set<Core.Traces.Trace>().Select(t => t.TraceId).ToListAsync(cancel);
        List<string> announced = await db.Set<EventRow>().Select(e => e.TraceId).ToListAsync(cancel);
        Assert.Equal(stored.Order(StringComparer.Ordinal), announced.Order(StringComparer.Ordinal));
        Assert.Empty(acknowledged.Except(stored));
        Assert.True(acknowledged.Count > Writers * BatchesEach, $"Only {acknowledged.Count} traces were written.");
    }

    private static async Task WriteAsync(ITraceStore store, int writer, ConcurrentBag<string> acknowledged)
    {
        var random = new Random(writer);
        for (int i = 0; i < BatchesEach; i++)
        {
            PreparedTrace[] batch = SomePrepared.Traces($"w{writer}-{i}", random.Next(1, 12));
            random.Shuffle(batch);
            using var impatience = new CancellationTokenSource();
            if (random.Next(5) == 0)
            {
                impatience.CancelAfter(TimeSpan.FromMilliseconds(random.Next(3)));
            }

            try
            {
                await store.InsertAsync(batch, impatience.Token);
                foreach (PreparedTrace trace in batch)
                {
                    acknowledged.Add(trace.Trace.TraceId);
                }
            }
            catch (Exception e) when (Outage.Is(e) || e is OperationCanceledException)
            {
                // Killed or given up: it may be stored or not, but never in part.
            }
        }
    }

    private static async Task KillAsync(TestCore core, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            await Task.Delay(5, CancellationToken.None);
            await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(CancellationToken.None);
            try
            {
                await db.Database.ExecuteSqlRawAsync(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE '%store_traces%'
                    ORDER BY random() LIMIT 1
                    """,
                    CancellationToken.None);
            }
            catch (Exception e) when (Outage.Is(e))
            {
                // Killed by another.
            }
        }
    }

    private static async Task<List<long>> PollAsync(TestCore core, CancellationToken until)
    {
        var log = core.Get<EventLog>();
        var ids = new List<long>();
        while (true)
        {
            bool last = until.IsCancellationRequested;
            IReadOnlyList<LogEvent> page;
            try
            {
                page = await log.ReadAsync(ids.Count == 0 ? 0 : ids[^1], before: null, 100, CancellationToken.None);
            }
            catch (Exception e) when (Outage.Is(e))
            {
                continue;
            }

            ids.AddRange(page.Select(e => e.Id));
            if (page.Count == 0)
            {
                if (last)
                {
                    return ids;
                }

                await Task.Delay(1, CancellationToken.None);
            }
        }
    }

    private static async Task<List<long>> FollowAsync(TestCore core, CancellationToken until)
    {
        using EventReader reader = core.Get<EventFeed>().OpenAfter(0, new EventFilter(Projects.Default));
        var ids = new List<long>();
        var page = new List<LogEvent>();
        while (true)
        {
            bool last = until.IsCancellationRequested;
            Task changed = reader.Changed;
            EventRead read = await reader.ReadAsync(page, CancellationToken.None);
            Assert.NotEqual(EventRead.Lost, read);
            ids.AddRange(page.Select(e => e.Id));
            if (read == EventRead.CaughtUp)
            {
                if (last)
                {
                    return ids;
                }

                await Task.WhenAny(changed, Task.Delay(Timeout.Infinite, until));
            }
        }
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }
}
