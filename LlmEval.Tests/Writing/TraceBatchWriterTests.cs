using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Tests.Writing;

public class TraceBatchWriterTests
{
    [Theory, EveryDatabase]
    public async Task ABatchOfNewTracesIsStoredInOrderWithOneEventEach(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        (WriteResult[] results, List<CommittedEvents> events) = await WriteAsync(core, [SomePrepared.Trace("b"), SomePrepared.Trace("a"), SomePrepared.Trace("c")]);

        Assert.All(results, r => Assert.Equal(WriteOutcome.Stored, r.Outcome));
        CommittedEvents batch = Assert.Single(events);
        Assert.Equal(1, batch.FirstId);
        Assert.Equal(["b", "a", "c"], await IdsAsync(core));
        IReadOnlyList<LogEvent> log = await core.Get<EventLog>().ReadAsync(0, null, 10, TestContext.Current.CancellationToken);
        Assert.Equal(["b", "a", "c"], log.Select(e => e.TraceId));
        Assert.Equal([1, 2, 3], log.Select(e => e.Id));
    }

    [Theory, EveryDatabase]
    public async Task ARepeatIsToldFromAConflictAndNeitherIsAnnouncedAgain(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await WriteAsync(core, [SomePrepared.Trace("a")]);

        (WriteResult[] results, List<CommittedEvents> events) = await WriteAsync(
            core, [SomePrepared.Trace("a"), SomePrepared.Trace("a", ("ai_response", "\"another\"")), SomePrepared.Trace("b")]);

        Assert.Equal([WriteOutcome.SameStored, WriteOutcome.OtherStored, WriteOutcome.Stored], results.Select(r => r.Outcome));
        Assert.Equal(["b"], events.SelectMany(e => e.Events).Select(e => e.TraceId));
        Assert.Equal("An answer.", (await FindAsync(core, "a")).AiResponse);
    }

    [Theory, EveryDatabase]
    public async Task AnEventLogThatWasSetBackIsAFaultAndNotTriedForEver(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await WriteAsync(core, [SomePrepared.Trace("a")]);
        await using (LlmEvalDb db = await core.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            await db.Database.ExecuteSqlRawAsync("UPDATE event_head SET last_id = 0", TestContext.Current.CancellationToken);
        }

        await Assert.ThrowsAnyAsync<Exception>(() => WriteAsync(core, [SomePrepared.Trace("b")]).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Theory, EveryDatabase]
    public async Task AnIdTwiceInOneBatchIsLikeTwiceInARow(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);

        (WriteResult[] results, _) = await WriteAsync(
            core, [SomePrepared.Trace("a"), SomePrepared.Trace("a"), SomePrepared.Trace("a", ("cost", "1")), SomePrepared.Trace("b")]);

        Assert.Equal([WriteOutcome.Stored, WriteOutcome.SameStored, WriteOutcome.OtherStored, WriteOutcome.Stored], results.Select(r => r.Outcome));
        Assert.Equal(2, (await IdsAsync(core)).Count);
    }

    [Theory, EveryDatabase]
    public async Task AValueThatTheDatabaseCannotHoldFailsItsOwnTraceOnly(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        PreparedTrace[] batch = SomePrepared.Traces("t", 50);
        MakeUnstorable(batch[17].Trace);
        MakeUnstorable(batch[41].Trace);

        (WriteResult[] results, List<CommittedEvents> events) = await WriteAsync(core, batch);

        Assert.Equal([17, 41], results.Index().Where(r => r.Item.Outcome == WriteOutcome.Unstorable).Select(r => r.Index));
        Assert.NotNull(results[17].Reason);
        Assert.Equal(48, results.Count(r => r.Outcome == WriteOutcome.Stored));
        Assert.Equal(48, (await IdsAsync(core)).Count);
        Assert.Equal(Enumerable.Range(1, 48).Select(i => (long)i), events.SelectMany(e => Enumerable.Range(0, e.Events.Count).Select(i => e.FirstId + i)));
    }

    [Theory, EveryDatabase]
    public async Task WritersThatMeetOnTheSameIdsNeitherDeadlockNorStoreTwice(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        PreparedTrace[] traces = SomePrepared.Traces("t", 60);
        var stored = new int[traces.Length];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            PreparedTrace[] own = [.. traces];
            new Random(w).Shuffle(own);
            foreach (PreparedTrace[] chunk in own.Chunk(13))
            {
                (WriteResult[] results, _) = await WriteAsync(core, chunk, new TraceBatchWriter(core.Get<ITraceStore>()));
                foreach ((int i, WriteResult result) in results.Index())
                {
                    Assert.NotEqual(WriteOutcome.OtherStored, result.Outcome);
                    if (result.Outcome == WriteOutcome.Stored)
                    {
                        Interlocked.Increment(ref stored[Array.IndexOf(traces, chunk[i])]);
                    }
                }
            }
        })));

        Assert.All(stored, times => Assert.Equal(1, times));
        EventLogBounds bounds = await core.Get<EventLog>().ReadBoundsAsync(TestContext.Current.CancellationToken);
        Assert.Equal(new EventLogBounds(1, traces.Length), bounds);
    }

    [Theory, EveryDatabase]
    public async Task EveryFieldComesBackAsItWasSent(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        PreparedTrace sent = SomePrepared.Trace(
            "../it's \\\"😀",
            ("timestamp", "\"2025-01-27T12:00:00.123456+02:00\""),
            ("system_prompt", "\"be kind\""),
            ("functions_called", "[{\"name\":\"f\",\"parameters\":{\"a\":[1,2.50]},\"result\":null,\"error\":\"x\"}]"),
            ("metadata", "{ \"big\": 1e999999, \"k\\\"ey\": [true] , \"user_id\":\"u\"}"),
            ("prompt_tokens", "999999999999"),
            ("completion_tokens", "1"),
            ("response_time_ms", "850.123456789"),
            ("cost", "999999999.123456789012"),
            ("error", "{\"code\":7}"),
            ("session_id", "\"s\""),
            ("environment", "\"prod\""),
            ("parent_id", "\"p\""),
            ("tags", "[\"a,b\",\"{c}\",\"d\\\"e\\\\\",\"\"]"));
        await WriteAsync(core, [sent]);

        Trace got = await FindAsync(core, sent.Trace.TraceId);
        got.Id = sent.Trace.Id;
        Assert.Equivalent(sent.Trace, got, strict: true);
        Assert.Equal(999999999.123456789012m, got.Cost);
    }

    private static Task<TestCore> StartAsync(DatabaseKind kind) =>
        TestCore.StartAsync(kind, (services, configuration) => services.AddEvents(configuration).AddWriting(configuration));

    // Whatever the parser lets through one day, the store must survive: a required column without a value is refused everywhere.
    private static void MakeUnstorable(Trace trace) => trace.ModelName = null!;

    private static async Task<(WriteResult[] Results, List<CommittedEvents> Events)> WriteAsync(
        TestCore core, PreparedTrace[] traces, TraceBatchWriter? writer = null)
    {
        var results = new WriteResult[traces.Length];
        var events = new List<CommittedEvents>();
        await (writer ?? new TraceBatchWriter(core.Get<ITraceStore>())).WriteAsync(traces, results, events, TestContext.Current.CancellationToken);
        return (results, events);
    }

    private static async Task<List<string>> IdsAsync(TestCore core)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await db.Set<Trace>().OrderBy(t => t.Id).Select(t => t.TraceId).ToListAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<Trace> FindAsync(TestCore core, string traceId)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await db.Set<Trace>().SingleAsync(t => t.ProjectId == Projects.Default && t.TraceId == traceId, TestContext.Current.CancellationToken);
    }
}
