using System.Data.Common;
using LlmEval.Core.Review;
using LlmEval.Core.Search;
using LlmEval.Core.Storage;
using LlmEval.Core.Storage.Sqlite;
using LlmEval.Core.Traces;
using LlmEval.Tests.Review;
using LlmEval.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Storage;

/// <summary>SQLite works in the thread that asks. A page's answers clicks besides.</summary>
public class SqliteOffDispatcherTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ACountThatTakesLongDoesNotHoldThePage()
    {
        using var count = new HeldRows();
        await using TestCore core = await StartAsync(count);
        await core.StoreAtAsync("t-0", 0, ("metadata", """{"team":"a"}"""));
        await core.StoreAtAsync("t-1", 1, ("metadata", """{"team":"b"}"""));
        var filter = TraceFilter.Everything with { Metadata = [new("team", "a")] };
        ReviewQueue queue = core.Open(new ReviewScope(filter, ReviewOrder.Newest));
        var page = Dispatcher.CreateDefault();

        Task<QueueReading> counting = Task.Run(() => page.InvokeAsync(() => queue.CountAsync(Cancel)), Cancel);
        await count.Begun.WaitAsync(Cancel);
        Task click = page.InvokeAsync(() => { });
        bool isAnswered = await Task.WhenAny(click, Task.Delay(TimeSpan.FromSeconds(20), Cancel)) == click;
        count.GoOn();

        Assert.True(isAnswered, "The page did not answer while its queue was counted.");
        Assert.Equal(1, (await counting).Counts!.Pending);
        Assert.False(count.WasOnAPage);
    }

    [Fact]
    public async Task NoCommandRunsInThePagesThread()
    {
        using var rows = new HeldRows();
        rows.GoOn();
        await using TestCore core = await StartAsync(rows);
        await core.StoreManyAsync(1);
        var page = Dispatcher.CreateDefault();

        // What the thread pool finishes before it is asked for is the hard case, and does not come every time.
        for (int i = 0; i < 100; i++)
        {
            await page.InvokeAsync(async () =>
            {
                await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
                IQueryable<Trace> found = db.Set<Trace>().Where(t => JsonText.Member(t.Metadata, "team") == null);
                Assert.Single(await found.Select(t => t.TraceId).ToListAsync(Cancel));
                Assert.Equal(1, await found.CountAsync(Cancel));
                Assert.Equal(1, await found.ExecuteUpdateAsync(set => set.SetProperty(t => t.Version, 2), Cancel));
                page.AssertAccess();
            });
        }

        Assert.Equal(300, rows.Read);
        Assert.False(rows.WasOnAPage);
    }

    private static Task<TestCore> StartAsync(HeldRows rows) => TestCore.StartAsync(DatabaseKind.Sqlite, (services, configuration) =>
    {
        StoredTraces.Add(services, configuration);
        services.AddSearch(configuration).AddTraces();
        services.ConfigureDbContext<SqliteDb>(options => options.AddInterceptors(rows));
    });

    /// <summary>Makes the function that SQLite calls for each row wait until the test lets it go on.</summary>
    private sealed class HeldRows : DbConnectionInterceptor, IDisposable
    {
        private readonly ManualResetEventSlim _goOn = new();
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _read;

        public Task Begun => _begun.Task;

        public int Read => _read;

        public bool WasOnAPage { get; private set; }

        public void GoOn() => _goOn.Set();

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            ((SqliteConnection)connection).CreateFunction<string?, string, string?>(JsonText.SqliteMember, Member);
            return Task.CompletedTask;
        }

        private string? Member(string? json, string name)
        {
            WasOnAPage |= SynchronizationContext.Current is not null;
            Interlocked.Increment(ref _read);
            _begun.TrySetResult();
            _goOn.Wait(Cancel);
            return JsonText.Member(json, name);
        }

        public void Dispose() => _goOn.Dispose();
    }
}
