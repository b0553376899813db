using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

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
}
