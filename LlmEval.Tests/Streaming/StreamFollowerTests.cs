using System.Data.Common;
using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Core.Storage.Sqlite;
using LlmEval.Tests.Support;
using LlmEval.Web.Streaming;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Streaming;

public class StreamFollowerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhileTheDatabaseIsAwayAReaderOfOldEventsHearsThatItIsAliveAndWhatIsNoticed()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await FillAsync(database);
        var away = new Away();
        await using TestCore core = await TestCore.StartAsync(database, (services, configuration) =>
        {
            StoredTraces.Add(services, configuration);
            services.ConfigureDbContext<SqliteDb>(options => options.AddInterceptors(away));
        });
        await core.Get<EventHub>().Started;
        var time = new FakeTimeProvider();
        var body = new MemoryStream();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var filter = new EventFilter(Projects.Default);
        using EventReader reader = core.Get<EventFeed>().OpenAfter(0, filter);
        var notices = core.Get<EventNotices>();
        var stream = EventStream.Begin(new DefaultHttpContext { Response = { Body = body } }, time, new EventOptions(), end.Token);
        away.Is = true;

        Task following = new StreamFollower(stream, reader, filter, notices, TimeSpan.FromSeconds(7.5), time).RunAsync(end.Token);
        await UntilWrittenAsync(": hb\nid: 0\n");
        notices.Publish(new PendingEvent(Projects.Default, EventAction.System, "", "", default, null, """{"event":"system_updates","data":{"noticed":true}}"""u8.ToArray()));
        await UntilWrittenAsync("\"noticed\":true");
        away.Is = false;
        await UntilWrittenAsync("id: 1001\n");

        await end.CancelAsync();
        core.Get<EventHub>().WakeAll();
        await following;

        Task UntilWrittenAsync(string text) => Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Encoding.UTF8.GetString(body.ToArray()).Contains(text, StringComparison.Ordinal);
        });
    }

    /// <summary>Leaves a log that a hub does not begin with: it is not whole.</summary>
    private static async Task FillAsync(TestDatabase database)
    {
        await using TestCore core = await TestCore.StartAsync(database, StoredTraces.Add);
        await core.StoreAsync(SomeTrace.New());
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        await db.Set<EventHead>().ExecuteUpdateAsync(set => set.SetProperty(head => head.LastId, 1_000), Cancel);
        await core.StoreAsync(SomeTrace.New(("trace_id", "\"t-2\"")));
    }

    private sealed class Away : DbCommandInterceptor
    {
        public volatile bool Is;

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
            Is ? throw new TimeoutException("the database does not answer") : ValueTask.FromResult(result);
    }
}
