using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Rollups;

public class FiguresTests
{
    [Theory, EveryDatabase]
    public async Task FiguresEqualARecountAtEveryMomentOfAFold(DatabaseKind kind)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using TestCore core = await StartAsync(kind);
        var store = core.Get<ITraceStore>();
        var folder = core.Get<RollupFolder>();
        var random = new Random(3);

        for (int round = 0; round < 6; round++)
        {
            await store.InsertAsync([.. Enumerable.Range(0, 40).Select(i => Random(random, $"r{round}-{i}"))], cancel);
            await ChangeSomeAsync(core, random, round);
            await AssertFiguresAsync(core);
            if (round % 2 == 1)
            {
                Assert.True(await folder.FoldAsync(cancel) > 0);
                Assert.Equal(0, await folder.FoldAsync(cancel));
                await AssertFiguresAsync(core);
            }
        }
    }

    [Theory, EveryDatabase]
    public async Task ASeriesIsTheSameBeforeAndAfterTheFold(DatabaseKind kind)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using TestCore core = await StartAsync(kind);
        var random = new Random(5);
        await core.Get<ITraceStore>().InsertAsync([.. Enumerable.Range(0, 200).Select(i => Random(random, $"t-{i}"))], cancel);
        var queries = core.Get<RollupQueries>();
        DateTime from = SomeTrace.Now.Date.AddDays(-3);

        foreach (RollupGrain grain in new[] { RollupGrain.Quarter, RollupGrain.Hour })
        {
            foreach (string? model in new[] { null, RollupRow.AllModels, "model-1" })
            {
                IReadOnlyList<RollupPoint> before = await queries.SeriesAsync(Projects.Default, grain, from, SomeTrace.Now.AddDays(1), model, cancel);
                await core.Get<RollupFolder>().FoldAsync(cancel);
                IReadOnlyList<RollupPoint> after = await queries.SeriesAsync(Projects.Default, grain, from, SomeTrace.Now.AddDays(1), model, cancel);
                Assert.Equal(before.Select(Text), after.Select(Text));
                Assert.NotEmpty(after);
            }
        }
    }

    private static Task<TestCore> StartAsync(DatabaseKind kind) => TestCore.StartAsync(kind, (services, configuration) =>
    {
        // Without the loop: the test decides when a fold happens.
        services.AddEvents(configuration).AddWriting(configuration).AddSingleton<RollupFolder>().AddSingleton<RollupQueries>();
    });

    private static PreparedTrace Random(Random random, string id) => SomePrepared.Trace(
        id,
        ("model_name", $"\"model-{random.Next(3)}\""),
        ("timestamp", $"\"{SomeTrace.Now.AddMinutes(-random.Next(3_000)):O}\""),
        ("tokens_used", random.Next(4) == 0 ? null : $"{random.Next(5_000)}"),
        ("cost", random.Next(4) == 0 ? null : $"0.{random.Next(1_000_000):D12}"),
        ("response_time_ms", random.Next(4) == 0 ? null : $"{random.Next(100_000)}.{random.Next(1_000)}"),
        ("error", random.Next(5) == 0 ? "\"broken\"" : null));

    private static async Task ChangeSomeAsync(TestCore core, Random random, int round)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(cancel);
        foreach (Trace before in await db.Set<Trace>().Where(t => t.TraceId.StartsWith($"r{round}-1")).ToListAsync(cancel))
        {
            Trace after = (await db.Set<Trace>().SingleAsync(t => t.Id == before.Id, cancel))!;
            after.Version++;
            after.Status = (EvaluationStatus)random.Next(EvaluationStatuses.Count);
            after.ResponseTimeMs = random.Next(1_000);
            bool delete = random.Next(4) == 0;
            PendingEvent change = delete ? TraceEvents.Deleted(before, SomeTrace.Now) : TraceEvents.Updated(after, SomeTrace.Now);
            Assert.NotNull(await core.Get<ITraceStore>().ApplyAsync(new TraceChange(before, delete ? null : after, Verdict: null, change), cancel));

            // What was read is gone: the same change again must not be applied.
            Assert.Null(await core.Get<ITraceStore>().ApplyAsync(new TraceChange(before, after, Verdict: null, change), cancel));
        }
    }

    private static async Task AssertFiguresAsync(TestCore core)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(cancel);
        List<Trace> traces = await db.Set<Trace>().ToListAsync(cancel);
        Figures total = await core.Get<RollupQueries>().TotalAsync(Projects.Default, cancel);
        Assert.Equal(Text(Recount(traces)), Text(total));

        IReadOnlyList<RollupPoint> byModel = await core.Get<RollupQueries>().SeriesAsync(
            Projects.Default, RollupGrain.Total, DateTime.UnixEpoch, SomeTrace.Now.AddDays(1), model: null, cancel);
        Assert.NotEmpty(byModel);
        foreach (RollupPoint point in byModel)
        {
            Assert.Equal(Text(Recount(traces.Where(t => t.ModelName == point.ModelName))), Text(point.Figures));
        }
    }

    private static Figures Recount(IEnumerable<Trace> traces)
    {
        var sum = new Figures();
        var histogram = new Histogram();
        foreach (Trace trace in traces)
        {
            sum.Count(trace.Status, 1);
            sum.Errors += trace.HasError ? 1 : 0;
            sum.TokensUsed += trace.TokensUsed ?? 0;
            sum.Cost += trace.Cost ?? 0;
            if (trace.ResponseTimeMs is { } ms)
            {
                sum.ResponseTimes++;
                sum.ResponseTimeMs += decimal.Round((decimal)ms, 6);
                histogram.Add(ms, 1);
            }
        }

        sum.Histogram = histogram.Pack();
        return sum;
    }

    private static string Text(RollupPoint point) => $"{point.Bucket:O} {point.ModelName} {Text(point.Figures)}";

    private static string Text(Figures f) =>
        $"{f.Pending} {f.InReview} {f.Accepted} {f.Rejected} {f.Errors} {f.TokensUsed} {f.Cost:G29} {f.ResponseTimeMs / 1.000000000000000000000000000m:G29} "
        + $"{f.ResponseTimes} {Convert.ToHexString(f.Histogram)}";
}
