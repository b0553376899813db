using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Caching;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Retention;
using LlmEval.Core.Review;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace LlmEval.Tests.Retention;

public class RetentionTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task WhatIsPastEitherLimitGoesAndTheFiguresKeepIt(DatabaseKind kind)
    {
        await using TestCore core = await FilledAsync(kind, 10);
        Figures before = await core.Get<RollupQueries>().TotalAsync(Projects.Default, Cancel);

        await SweepAsync(core, days: 7, traces: null);
        Assert.Equal(["t-0", "t-1", "t-2", "t-3", "t-4", "t-5", "t-6"], await IdsAsync(core));

        await SweepAsync(core, days: null, traces: 3);
        Assert.Equal(["t-0", "t-1", "t-2"], await IdsAsync(core));

        Figures after = await core.Get<RollupQueries>().TotalAsync(Projects.Default, Cancel);
        Assert.Equal((10, before.Accepted), (after.Traces, after.Accepted));
        Assert.Equal(before.Histogram, after.Histogram);
        IReadOnlyList<VerdictPoint> verdicts = await core.Get<VerdictQueries>().SeriesAsync(Projects.Default, DateTime.UnixEpoch, SomeTrace.Now.AddYears(5), Cancel);
        Assert.Equal(10, verdicts.Sum(v => v.Accepted));
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        Assert.Equal(3, await db.Set<Evaluation>().CountAsync(Cancel));
    }

    [Theory, EveryDatabase]
    public async Task DeletedByHandATraceIsTakenOutOfTheFigures(DatabaseKind kind)
    {
        await using TestCore core = await FilledAsync(kind, 2);

        await core.DeleteAsync("t-0");

        Assert.Equal(1, (await core.Get<RollupQueries>().TotalAsync(Projects.Default, Cancel)).Traces);
        IReadOnlyList<VerdictPoint> verdicts = await core.Get<VerdictQueries>().SeriesAsync(Projects.Default, DateTime.UnixEpoch, SomeTrace.Now.AddYears(5), Cancel);
        Assert.Equal(1, verdicts.Sum(v => v.Accepted));
    }

    [Theory, EveryDatabase]
    public async Task ThePreviewSaysWhatTheSweepThenDoes(DatabaseKind kind)
    {
        await using TestCore core = await FilledAsync(kind, 10);
        var queries = core.Get<RetentionQueries>();

        Assert.Equal(new RetentionPreview(10, 0, null, null), await queries.PreviewAsync(Policy(null, null), Cancel));
        Assert.Equal((10, 3), Numbers(await queries.PreviewAsync(Policy(7, null), Cancel)));
        Assert.Equal((10, 6), Numbers(await queries.PreviewAsync(Policy(7, 4), Cancel)));
        Assert.Equal((10, 0), Numbers(await queries.PreviewAsync(Policy(30, 10), Cancel)));
        RetentionPreview preview = await queries.PreviewAsync(Policy(null, 8), Cancel);
        Assert.Equal((SomeTrace.Now.AddDays(-9.5), SomeTrace.Now.AddDays(-8.5)), (preview.Oldest, preview.Newest));

        static (long, long) Numbers(RetentionPreview p) => (p.Stored, p.Going);
    }

    [Theory, EveryDatabase]
    public async Task ALargeSweepGoesInSteps(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync([.. Enumerable.Range(0, RetentionSweeper.Step + 30).Select(i => SomeTrace.New(
            ("trace_id", $"\"t-{i}\""), ("timestamp", $"\"{SomeTrace.Now.AddDays(-2).AddSeconds(i):O}\"")))]);

        Assert.Equal(RetentionSweeper.Step + 20, await SweepAsync(core, days: null, traces: 10));

        // One event for all of them, after the last.
        LogEvent swept = (await core.EventsAsync())[^1];
        Assert.Equal((EventAction.SweptTraces, EventChannel.SystemUpdates, RetentionSweeper.Step + 31L), (swept.Action, swept.Channel, swept.Id));
        using JsonDocument payload = JsonDocument.Parse(swept.Payload);
        Assert.Equal("swept_traces", payload.RootElement.GetProperty("data").GetProperty("action").GetString());
        Assert.Equal(RetentionSweeper.Step + 20, payload.RootElement.GetProperty("data").GetProperty("count").GetInt32());
        Assert.Equal(swept.Id, core.Get<EventHub>().Head);

        Assert.Equal(0, await core.Get<RetentionSweeper>().SweepAsync(Cancel));
        Assert.Equal(swept.Id, core.Get<EventHub>().Head);

        Assert.Equal(10, (await core.AllAsync()).Count);
    }

    /// <summary>Of SQLite nothing was found that fails for one project alone.</summary>
    [Fact]
    public async Task AFaultWithOneProjectDoesNotKeepTheOthersFromTheirSweep()
    {
        await using TestCore core = await FilledAsync(DatabaseKind.Postgres, 10);
        await using (LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel))
        {
            db.Add(new RetentionPolicy { ProjectId = 0, MaxTraces = 0 });
            await db.SaveChangesAsync(Cancel);
        }

        await Assert.ThrowsAsync<PostgresException>(() => SweepAsync(core, days: 7, traces: null));

        Assert.Equal(7, (await core.AllAsync()).Count);
    }

    /// <summary>On SQLite nobody can be in between.</summary>
    [Fact]
    public async Task AReplicaThatAnotherTookTheTurnFromStillTellsWhatItDeleted()
    {
        await using TestCore core = await StartAsync(DatabaseKind.Postgres);
        await core.StoreAsync([.. Enumerable.Range(0, RetentionSweeper.Step + 30).Select(i => SomeTrace.New(
            ("trace_id", $"\"t-{i}\""), ("timestamp", $"\"{SomeTrace.Now.AddDays(-2).AddSeconds(i):O}\"")))]);
        await core.Get<RetentionPolicies>().SetAsync(Policy(days: null, traces: 10), Policy(null, null), Actor.System, Cancel);
        var sweeper = ActivatorUtilities.CreateInstance<RetentionSweeper>(core.Services, _time);

        Task<long> sweep = sweeper.SweepAsync(Cancel);
        await Eventually.TrueAsync(async () => (await core.AllAsync()).Count == 30);
        await using (LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel))
        await using (await core.Get<IBackgroundTurn>().TryBeginAsync(db, BackgroundWork.SweepTraces, Cancel))
        {
            for (int i = 0; i < 5; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(50, Cancel);
            }
        }

        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return sweep.IsCompleted;
        });

        Assert.Equal(RetentionSweeper.Step + 20, await sweep);
        using JsonDocument payload = JsonDocument.Parse((await core.EventsAsync())[^1].Payload);
        Assert.Equal(RetentionSweeper.Step + 20, payload.RootElement.GetProperty("data").GetProperty("count").GetInt32());
    }

    [Theory, EveryDatabase]
    public async Task WhatASweepTookIsNotGivenOutOfTheCacheEither(DatabaseKind kind)
    {
        await using TestCore core = await FilledAsync(kind, 3);
        await Eventually.TrueAsync(() => core.Get<TraceCache>().IsFollowing);
        Assert.NotNull(await core.ReadCachedAsync("t-2"));
        Assert.NotNull(await core.ReadCachedAsync("t-2"));

        await SweepAsync(core, days: 1, traces: null);

        Assert.Null(await core.ReadCachedAsync("t-2"));
        Assert.NotNull(await core.ReadCachedAsync("t-0"));
    }

    [Theory, EveryDatabase]
    public async Task APolicyIsKeptAndOneWithAFaultIsNot(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        var policies = core.Get<RetentionPolicies>();
        Assert.True((await policies.ReadAsync(Projects.Default, Cancel)).KeepsAll);

        await policies.SetAsync(Policy(7, 100), Policy(null, null), Actor.System, Cancel);
        await policies.SetAsync(Policy(8, null), Policy(7, 100), Actor.System, Cancel);
        await Assert.ThrowsAsync<ArgumentException>(() => policies.SetAsync(Policy(0, null), Policy(8, null), Actor.System, Cancel));

        RetentionPolicy kept = await policies.ReadAsync(Projects.Default, Cancel);
        Assert.Equal((8, null), (kept.MaxDays, kept.MaxTraces));
    }

    [Theory, EveryDatabase]
    public async Task OfTwoWhoChangeTheSamePolicyTheSecondIsTold(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        var policies = core.Get<RetentionPolicies>();

        Assert.True(await policies.SetAsync(Policy(400, null), Policy(null, null), Actor.System, Cancel));
        Assert.False(await policies.SetAsync(Policy(null, 100), Policy(null, null), Actor.System, Cancel));
        Assert.True(await policies.SetAsync(Policy(400, 100), Policy(400, null), Actor.System, Cancel));

        RetentionPolicy kept = await policies.ReadAsync(Projects.Default, Cancel);
        Assert.Equal((400, 100), (kept.MaxDays, kept.MaxTraces));
    }

    private static RetentionPolicy Policy(int? days, long? traces) => new() { ProjectId = Projects.Default, MaxDays = days, MaxTraces = traces };

    private static async Task<long> SweepAsync(TestCore core, int? days, long? traces)
    {
        var policies = core.Get<RetentionPolicies>();
        await policies.SetAsync(Policy(days, traces), await policies.ReadAsync(Projects.Default, Cancel), Actor.System, Cancel);
        return await core.Get<RetentionSweeper>().SweepAsync(Cancel);
    }

    private static async Task<IEnumerable<string>> IdsAsync(TestCore core) => (await core.AllAsync()).Select(t => t.TraceId).Order();

    /// <summary>One trace for each of the last days, each accepted.</summary>
    private async Task<TestCore> FilledAsync(DatabaseKind kind, int days)
    {
        TestCore core = await StartAsync(kind);
        await core.StoreAsync([.. Enumerable.Range(0, days).Select(i => SomeTrace.New(
            ("trace_id", $"\"t-{i}\""), ("timestamp", $"\"{SomeTrace.Now.AddDays(-i - .5):O}\""), ("response_time_ms", "100")))]);
        for (int i = 0; i < days; i++)
        {
            await core.JudgeAsync(new Verdict($"t-{i}", EvaluationStatus.Accepted) { Evaluator = "ann" });
        }

        return core;
    }

    private Task<TestCore> StartAsync(DatabaseKind kind) => TestCore.StartAsync(kind, (services, configuration) =>
    {
        // Without the loop: the test decides when a sweep happens.
        StoredTraces.Add(services, configuration);
        services.AddSingleton<RetentionPolicies>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RetentionSweeper>(provider, TimeProvider.System));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RetentionQueries>(provider, _time));
    });
}
