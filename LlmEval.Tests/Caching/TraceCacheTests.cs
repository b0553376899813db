using LlmEval.Core.Caching;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Caching;

public class TraceCacheTests
{
    private readonly CountedQueries _queries = new();

    [Theory, EveryDatabase]
    public async Task ASecondReadIsFree(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync(SomeTrace.New(("metadata", """{"n":1e999999}"""), ("cost", "0.10"), ("response_time_ms", "1.25"), ("tags", """["a"]""")));
        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted) { Notes = "n" });

        TraceDetail? first = await core.ReadCachedAsync("t-1");
        TraceDetail? second = await core.ReadCachedAsync("t-1");

        Assert.Equal(1, _queries.OfTraces);
        Assert.Equal("""{"n":1e999999}""", second!.Trace.Metadata);
        Assert.Equal("n", Assert.Single(second.History).Notes);
        Assert.Same(first, second);
        Assert.Equal((1, 1), (core.Get<CacheMetrics>().Hits, core.Get<CacheMetrics>().Misses));
    }

    [Theory, EveryDatabase]
    public async Task WhoChangedATraceNeverReadsItAsItWas(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        for (int version = 2; version < 40; version++)
        {
            await core.ReadCachedAsync("t-1");
            if (version % 3 == 0)
            {
                await core.AmendAsync("t-1", $$"""{"cost":{{version}}}""");
            }
            else
            {
                await core.JudgeAsync(new Verdict("t-1", (EvaluationStatus)(version % 4)));
            }

            Assert.Equal(version, (await core.ReadCachedAsync("t-1"))!.Trace.Version);
        }

        await core.DeleteAsync("t-1");
        Assert.Null(await core.ReadCachedAsync("t-1"));
        await core.StoreAsync(SomeTrace.New(("user_query", "\"anew\"")));
        Assert.Equal("anew", (await core.ReadCachedAsync("t-1"))!.Trace.UserQuery);
    }

    [Theory, EveryDatabase]
    public async Task AChangeByAnotherReplicaArrivesWithTheFeed(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        Assert.Equal(1, (await core.ReadCachedAsync("t-1"))!.Trace.Version);

        // As another process would: the store alone, without a word to this one's hub or cache.
        await ChangeSilentlyAsync(core);

        await Eventually.TrueAsync(async () => (await core.ReadCachedAsync("t-1"))!.Trace.Version == 2);
    }

    [Theory, EveryDatabase]
    public async Task WhoIsWokenByAnEventBeforeTheCacheIsReadsTheNewState(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        for (int version = 2; version < 50; version++)
        {
            await core.ReadCachedAsync("t-1");
            LogEvent changed = await ChangeSilentlyAsync(core);

            core.Get<EventHub>().Publish([changed]);

            Assert.Equal(version, (await core.ReadCachedAsync("t-1"))!.Trace.Version);
        }
    }

    [Theory]
    [EveryDatabase(false)]
    [EveryDatabase(true)]
    public async Task AnOldStateThatIsStoredAfterTheChangeIsNeverGivenOut(DatabaseKind kind, bool joining)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _queries.AfterAnswer = () =>
        {
            answered.TrySetResult();
            return goOn.Task;
        };

        Task<TraceDetail?> slow = core.ReadCachedAsync("t-1").AsTask();
        await answered.Task;
        _queries.AfterAnswer = null;
        await core.JudgeAsync(new Verdict("t-1", EvaluationStatus.Accepted));
        Task<TraceDetail?>? joined = joining ? core.ReadCachedAsync("t-1").AsTask() : null;
        goOn.SetResult();

        Assert.Equal(1, (await slow)!.Trace.Version);
        if (joined is not null)
        {
            Assert.Equal(2, (await joined)!.Trace.Version);
        }

        Assert.Equal(2, (await core.ReadCachedAsync("t-1"))!.Trace.Version);
        Assert.Equal(2, (await core.ReadCachedAsync("t-1"))!.Trace.Version);
    }

    [Theory, EveryDatabase]
    public async Task ManyWhoAskAtOnceShareOneRead(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync(SomeTrace.New());
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _queries.AfterAnswer = () => goOn.Task;

        Task<TraceDetail?>[] reads = [.. Enumerable.Range(0, 200).Select(_ => core.ReadCachedAsync("t-1").AsTask())];
        await Eventually.TrueAsync(() => core.Get<CacheMetrics>().Misses == 200);
        goOn.SetResult();

        Assert.All(await Task.WhenAll(reads), Assert.NotNull);

        // Who is counted and has not yet joined when the answer comes reads anew.
        Assert.InRange(_queries.OfTraces, 1, 5);
    }

    [Fact]
    public async Task AMissIsNotRemembered()
    {
        await using TestCore core = await StartAsync(DatabaseKind.Sqlite);
        Assert.Null(await core.ReadCachedAsync("t-1"));

        await core.StoreAsync(SomeTrace.New());

        Assert.NotNull(await core.ReadCachedAsync("t-1"));
    }

    [Fact]
    public async Task AVeryLargeTraceIsReadEachTime()
    {
        await using TestCore core = await StartAsync(DatabaseKind.Sqlite);
        await core.StoreAsync(SomeTrace.New(("user_query", $"\"{new string('x', 1 << 20)}\""), ("ai_response", "\"more\"")));

        await core.ReadCachedAsync("t-1");
        await core.ReadCachedAsync("t-1");

        Assert.Equal(2, _queries.OfTraces);
    }

    [Fact]
    public async Task IdsOfAnyTextAreKeptApart()
    {
        await using TestCore core = await StartAsync(DatabaseKind.Sqlite);
        string[] ids = ["a b", "a:b", "é", "e\u0301", "*", new string('x', 256), new string('x', 255) + "y", "😀"];
        await core.StoreAsync([.. ids.Select(id => SomeTrace.New(("trace_id", $"\"{id}\"")))]);

        for (int round = 0; round < 2; round++)
        {
            foreach (string id in ids)
            {
                Assert.Equal(id, (await core.ReadCachedAsync(id))!.Trace.TraceId);
            }
        }

        Assert.Equal(ids.Length, _queries.OfTraces);
    }

    private async Task<TestCore> StartAsync(DatabaseKind kind)
    {
        TestCore core = await TestCore.StartAsync(kind, (services, configuration) =>
        {
            StoredTraces.Add(services, configuration);
            _queries.AddTo(services);
        });
        await Eventually.TrueAsync(() => core.Get<TraceCache>().IsFollowing);
        return core;
    }

    private static async Task<LogEvent> ChangeSilentlyAsync(TestCore core)
    {
        Trace before = (await core.FindAsync("t-1"))!.Trace;
        Trace after = before.Copy();
        after.Version++;
        PendingEvent updated = TraceEvents.Updated(after, SomeTrace.Now);
        long? id = await core.Get<ITraceStore>().ApplyAsync(new TraceChange(before, after, null, updated), TestContext.Current.CancellationToken);
        Assert.NotNull(id);
        return new LogEvent(
            id.Value, updated.ProjectId, updated.Action, updated.TraceId, updated.ModelName, updated.Status, updated.PreviousStatus,
            EventFrame.Encode(id.Value, updated.Payload));
    }
}
