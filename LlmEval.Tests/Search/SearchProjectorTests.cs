using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Search;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static LlmEval.Tests.Support.SearchedTraces;

namespace LlmEval.Tests.Search;

public class SearchProjectorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [EveryDatabase]
    public async Task WordsAndPositionAgreeWheneverItIsKilled(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind, services => Replace(services, table => new Deadly(table)));
        await core.StoreAsync([.. Enumerable.Range(0, 300).Select(i => SomeTrace.New(("trace_id", Json($"t{i}"))))]);
        var deadly = (Deadly)core.Get<ISearchTable>();
        var random = new Random(3);
        int deaths = 0;
        long position = 0;
        while (position < 300)
        {
            deadly.Next = (Deadly.Death)random.Next(3);
            try
            {
                await core.Get<SearchProjector>().StepAsync(Cancel);
            }
            catch (IOException)
            {
                deaths++;
            }

            position = (await ProjectionAsync(core)).Position;
            Assert.Equal(position, (await IndexedAsync(core, "answer")).Count);
        }

        Assert.True(deaths > 2, $"Only {deaths} deaths.");
        Assert.Equal(0, (await ProjectionAsync(core)).Skipped);
    }

    [Theory]
    [EveryDatabase]
    public async Task TwoAtOnceTakeEachEventOnce(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync([.. Enumerable.Range(0, 200).Select(i => SomeTrace.New(("trace_id", Json($"t{i}"))))]);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(core.IndexAllAsync)));
        await core.IndexAllAsync();

        Assert.Equal(200, (await ProjectionAsync(core)).Position);
        Assert.Equal(200, (await IndexedAsync(core, "answer")).Count);
    }

    [Theory]
    [EveryDatabase]
    public async Task ProjectsThatGiveTheSameIdsHaveEachOfTheirTracesTakenOnce(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind, services => Replace(services, table => new Counting(table)));
        foreach (int project in new[] { Projects.Default, Projects.Default + 1 })
        {
            NewTrace[] traces = [.. Enumerable.Range(0, 30).Select(i => SomeTrace.New(("trace_id", Json($"t{i}"))))];
            Array.ForEach(traces, t => t.Trace.ProjectId = project);
            await core.StoreAsync(traces);
        }

        await core.IndexAllAsync();

        long[] stored = [.. (await core.AllAsync()).Select(t => t.Id)];
        Assert.Equal(stored, ((Counting)core.Get<ISearchTable>()).Written.Order());
        Assert.Equal(0, (await ProjectionAsync(core)).Skipped);
    }

    [Theory]
    [EveryDatabase]
    public async Task ChangedAndDeletedTracesFollow(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync(SomeTrace.New(("trace_id", "\"a\"")), SomeTrace.New(("trace_id", "\"b\"")), SomeTrace.New(("trace_id", "\"c\"")));
        await core.AmendAsync("c", """{"ai_response":"before it was indexed"}""");
        await core.IndexAllAsync();
        Assert.Equal(["c"], await core.SearchAsync("before"));

        await core.AmendAsync("a", """{"ai_response":"elsewhere"}""");
        await core.DeleteAsync("b");
        await core.IndexAllAsync();

        Assert.Equal(["a"], await core.SearchAsync("elsewhere"));
        Assert.Empty(await core.SearchAsync("answer"));
        Assert.Empty(await IndexedAsync(core, "answer"));
        Assert.Equal(2, (await IndexedAsync(core, "what")).Count);
    }

    [Theory]
    [EveryDatabase]
    public async Task ATraceThatGoesWhileItIsInHandLeavesNoWords(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind, services => Replace(services, table => new Deadly(table)));
        await core.StoreAsync(SomeTrace.New());
        ((Deadly)core.Get<ISearchTable>()).Next = Deadly.Death.BeforeCommit;
        await Assert.ThrowsAsync<IOException>(() => core.Get<SearchProjector>().StepAsync(Cancel));

        // A sweep: no event.
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        await core.IndexAllAsync();
        await db.Set<Trace>().ExecuteDeleteAsync(Cancel);
        await core.Get<SearchProjector>().StepAsync(Cancel);

        Assert.Empty(await IndexedAsync(core, "answer"));
        Assert.Equal(SearchProgress.UpToDate, await core.Get<SearchProjector>().StepAsync(Cancel));
    }

    [Theory]
    [EveryDatabase]
    public async Task WhatCannotBeIndexedIsCountedAndPassedOver(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind, services => Replace(services, table => new Choosy(table)));
        await core.StoreAsync(
            SomeTrace.New(("trace_id", "\"a\"")),
            SomeTrace.New(("trace_id", "\"b\""), ("ai_response", "\"poison answer\"")),
            SomeTrace.New(("trace_id", "\"c\"")));

        await core.IndexAllAsync();

        Assert.Equal(["c", "a"], await core.SearchAsync("answer"));
        Projection at = await ProjectionAsync(core);
        Assert.Equal((3, 1), (at.Position, at.Skipped));
    }

    [Theory]
    [EveryDatabase]
    public async Task IsBuiltAnewWhenTheLogNoLongerHoldsWhatItNeeds(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind, services => services.Configure<SearchOptions>(o => o.BatchEvents = 30));
        await core.StoreAsync([.. Enumerable.Range(0, 100).Select(i => SomeTrace.New(("trace_id", Json($"t{i}"))))]);
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        await db.Set<EventRow>().Where(e => e.Id <= 60).ExecuteDeleteAsync(Cancel);

        await core.IndexAllAsync();
        await core.StoreAsync(SomeTrace.New(("trace_id", "\"later\"")));
        await core.IndexAllAsync();

        Assert.Equal(101, (await IndexedAsync(core, "answer")).Count);
        Projection at = await ProjectionAsync(core);
        Assert.Equal((101, null), (at.Position, at.RebuiltUpTo));
    }

    [Theory]
    [EveryDatabase]
    public async Task TheLagIsShown(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync(SomeTrace.New(("trace_id", "\"a\"")), SomeTrace.New(("trace_id", "\"b\"")));

        SearchLag before = await core.Get<SearchStatus>().ReadAsync(Cancel);
        await core.IndexAllAsync();
        SearchLag after = await core.Get<SearchStatus>().ReadAsync(Cancel);

        Assert.Equal((2, true), (before.EventsBehind, before.IsPaused));
        Assert.Equal((0, TimeSpan.Zero), (after.EventsBehind, after.Behind));
    }

    [Theory]
    [EveryDatabase]
    public async Task FollowsOnItsOwn(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind, services => services.Configure<SearchOptions>(o => (o.Paused, o.RestMilliseconds) = (false, 10)));
        await core.StoreAsync(SomeTrace.New());

        await Eventually.TrueAsync(async () => (await core.SearchAsync("answer")).Length == 1);
    }

    [Fact]
    public void ADocumentKeepsWithinTheLimitsOfPostgreSql()
    {
        var random = new Random(1);
        string worst = string.Concat(Enumerable.Range(0, 100_000).Select(_ => (char)random.Next(0x4E00, 0x9FFF)));
        string words = string.Join(' ', Enumerable.Range(0, 20_000).Select(i => $"{i:x5}"));
        SearchDocument document = SearchDocument.Of(worst, words, worst, words);

        Assert.True(document.Places.Count <= 16_380);
        Assert.True(document.Places.Where(word => word is not null).Concat(document.WithoutPlace).Distinct().Count() > 30_000);
    }

    [Theory]
    [EveryDatabase]
    public async Task TheLongestTextsAreIndexed(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        var random = new Random(1);
        string han = string.Concat(Enumerable.Range(0, 150_000).Select(_ => (char)random.Next(0x3400, 0x9FFF)));
        string words = string.Join(' ', Enumerable.Range(0, 55_000).Select(_ => $"{random.NextInt64():x}"));
        await core.StoreAsync(SomeTrace.New(("user_query", Json(han)), ("ai_response", Json(words)), ("system_prompt", Json(han[..100] + words[..90_000]))));

        await core.IndexAllAsync();

        Assert.Equal(0, (await ProjectionAsync(core)).Skipped);
        Assert.Single(await core.SearchAsync(han[..5]));
    }

    private static void Replace(IServiceCollection services, Func<ISearchTable, ISearchTable> wrap)
    {
        ServiceDescriptor own = services.Single(s => s.ServiceType == typeof(ISearchTable));
        services.Remove(own);
        services.AddSingleton(provider => wrap((ISearchTable)ActivatorUtilities.CreateInstance(provider, own.ImplementationType!)));
        services.Configure<SearchOptions>(options => options.BatchEvents = 40);
    }

    private static async Task<Projection> ProjectionAsync(TestCore core)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        return await db.Set<Projection>().SingleAsync(p => p.Name == Projection.Search, Cancel);
    }

    private static async Task<IReadOnlyList<long>> IndexedAsync(TestCore core, string word)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        return await core.Get<ISearchTable>().FindAsync(db, SearchQuery.Parse(word)!, projectId: 1, most: 10_000, Cancel);
    }

    private abstract class Wrapped(ISearchTable inner) : ISearchTable
    {
        public virtual Task WriteAsync(LlmEvalDb db, IReadOnlyList<IndexedTrace> traces, CancellationToken cancel) => inner.WriteAsync(db, traces, cancel);

        public virtual Task RemoveAsync(LlmEvalDb db, IReadOnlyList<long> rows, CancellationToken cancel) => inner.RemoveAsync(db, rows, cancel);

        public Task<IReadOnlySet<long>> MatchAsync(LlmEvalDb db, SearchQuery query, IReadOnlyList<long> rows, CancellationToken cancel) =>
            inner.MatchAsync(db, query, rows, cancel);

        public Task<IReadOnlyList<long>> FindAsync(LlmEvalDb db, SearchQuery query, int projectId, int most, CancellationToken cancel) =>
            inner.FindAsync(db, query, projectId, most, cancel);
    }

    private sealed class Deadly(ISearchTable inner) : Wrapped(inner)
    {
        public enum Death
        {
            None,
            BeforeWriting,
            BeforeCommit,
        }

        public Death Next { get; set; }

        public override async Task WriteAsync(LlmEvalDb db, IReadOnlyList<IndexedTrace> traces, CancellationToken cancel)
        {
            Death death = Next;
            Next = Death.None;
            if (death == Death.BeforeWriting)
            {
                throw new IOException("Killed.");
            }

            await base.WriteAsync(db, traces, cancel);
            if (death == Death.BeforeCommit)
            {
                throw new IOException("Killed.");
            }
        }
    }

    private sealed class Counting(ISearchTable inner) : Wrapped(inner)
    {
        public List<long> Written { get; } = [];

        public override Task WriteAsync(LlmEvalDb db, IReadOnlyList<IndexedTrace> traces, CancellationToken cancel)
        {
            Written.AddRange(traces.Select(t => t.Row));
            return base.WriteAsync(db, traces, cancel);
        }
    }

    /// <summary>A table that the database will not write one document into.</summary>
    private sealed class Choosy(ISearchTable inner) : Wrapped(inner)
    {
        public override async Task WriteAsync(LlmEvalDb db, IReadOnlyList<IndexedTrace> traces, CancellationToken cancel)
        {
            await base.WriteAsync(db, traces, cancel);
            if (traces.Any(t => t.Document.Places.Contains("poison")))
            {
                await db.Database.ExecuteSqlRawAsync("SELECT no_such_function()", cancel);
            }
        }
    }
}
