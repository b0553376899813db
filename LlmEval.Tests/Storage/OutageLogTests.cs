using LlmEval.Core.Storage;
using LlmEval.Tests.Monitoring;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmEval.Tests.Storage;

public sealed class OutageLogTests
{
    /// <summary>Whoever began it says what it means, once; a line of EF Core's own for each would only be more of them.</summary>
    [Fact]
    public async Task ATransactionWhoseConnectionIsLostHasNoLineOfItsOwn()
    {
        using var log = new LogSecrecyTests.KeptLog();
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Postgres, replace: services => services.AddSingleton<ILoggerProvider>(log));
        var databases = server.Services.GetRequiredService<IDbContextFactory<LlmEvalDb>>();
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using LlmEvalDb one = await databases.CreateDbContextAsync(cancel);
        await using LlmEvalDb other = await databases.CreateDbContextAsync(cancel);
        await using IDbContextTransaction transaction = await one.Database.BeginTransactionAsync(cancel);
        int session = await one.Database.SqlQuery<int>($"SELECT pg_backend_pid() AS \"Value\"").SingleAsync(cancel);
        await other.Database.ExecuteSqlAsync($"SELECT pg_terminate_backend({session}, 5000)", cancel);

        Exception? fault = await Record.ExceptionAsync(() => transaction.CommitAsync(cancel));

        Assert.True(Outage.Is(fault!));
        Assert.DoesNotContain(log.Lines, line => line.Contains(" Microsoft.EntityFrameworkCore", StringComparison.Ordinal));
    }
}
