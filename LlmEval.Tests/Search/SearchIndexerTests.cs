using System.Collections.Concurrent;
using LlmEval.Core.Events;
using LlmEval.Core.Search;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static LlmEval.Tests.Support.SearchedTraces;

namespace LlmEval.Tests.Search;

public class SearchIndexerTests
{
    private static readonly TimeSpan StepTakes = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [EveryDatabase]
    public async Task DoesNotRestWhileNothingComesIn(DatabaseKind kind)
    {
        await using TestDatabase database = await WithTracesAsync(kind, 120);
        await using TestCore core = await StartAsync(database, isIntakeBusy: false);
        var table = (SlowTable)core.Get<ISearchTable>();

        await Eventually.TrueAsync(() => table.Began.Count == 3);

        DateTimeOffset[] began = [.. table.Began];
        Assert.Equal(StepTakes, began[1] - began[0]);
        Assert.Equal(StepTakes, began[2] - began[1]);
    }

    [Theory]
    [EveryDatabase]
    public async Task RestsAsLongAsTheStepTookWhileTracesComeIn(DatabaseKind kind)
    {
        await using TestDatabase database = await WithTracesAsync(kind, 120);
        await using TestCore core = await StartAsync(database, isIntakeBusy: true);
        var table = (SlowTable)core.Get<ISearchTable>();

        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return table.Began.Count == 3;
        });

        DateTimeOffset[] began = [.. table.Began];
        Assert.InRange(began[1] - began[0], 2 * StepTakes, 4 * StepTakes);
        Assert.InRange(began[2] - began[1], 2 * StepTakes, 4 * StepTakes);
    }

    private static async Task<TestDatabase> WithTracesAsync(DatabaseKind kind, int count)
    {
        TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using TestCore core = await TestCore.StartAsync(database, (services, configuration) =>
        {
            Add(services, configuration);
            services.Configure<SearchOptions>(options => options.Paused = true);
        });
        await core.StoreAsync([.. Enumerable.Range(0, count).Select(i => SomeTrace.New(("trace_id", Json($"t{i}"))))]);
        return database;
    }

    /// <summary>An index that takes steps of 40 events, on a clock that nothing moves but the steps and the test.</summary>
    private Task<TestCore> StartAsync(TestDatabase database, bool isIntakeBusy) => TestCore.StartAsync(database, (services, configuration) =>
    {
        Add(services, configuration);
        services.AddSingleton<TimeProvider>(_time);
        services.Configure<SearchOptions>(options => options.BatchEvents = 40);
        ServiceDescriptor own = services.Single(s => s.ServiceType == typeof(ISearchTable));
        services.Remove(own);
        services.AddSingleton<ISearchTable>(provider => new SlowTable(
            (ISearchTable)ActivatorUtilities.CreateInstance(provider, own.ImplementationType!),
            _time,
            isIntakeBusy ? provider.GetRequiredService<EventHub>() : null));
    });

    /// <summary>Takes a minute to write, in which a trace comes in when the intake is busy.</summary>
    private sealed class SlowTable(ISearchTable inner, FakeTimeProvider time, EventHub? busy) : ISearchTable
    {
        public ConcurrentQueue<DateTimeOffset> Began { get; } = [];

        public Task WriteAsync(LlmEvalDb db, IReadOnlyList<IndexedTrace> traces, CancellationToken cancel)
        {
            Began.Enqueue(time.GetUtcNow());
            time.Advance(StepTakes);
            busy?.Publish([SomeEvent.At(busy.Head + 1)]);
            return inner.WriteAsync(db, traces, cancel);
        }

        public Task RemoveAsync(LlmEvalDb db, IReadOnlyList<long> rows, CancellationToken cancel) => inner.RemoveAsync(db, rows, cancel);

        public Task<IReadOnlySet<long>> MatchAsync(LlmEvalDb db, SearchQuery query, IReadOnlyList<long> rows, CancellationToken cancel) =>
            inner.MatchAsync(db, query, rows, cancel);

        public Task<IReadOnlyList<long>> FindAsync(LlmEvalDb db, SearchQuery query, int projectId, int most, CancellationToken cancel) =>
            inner.FindAsync(db, query, projectId, most, cancel);
    }
}
