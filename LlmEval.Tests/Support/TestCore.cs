using LlmEval.Core.Access;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Tests.Support;

/// <summary>Parts of Core, started on a database and without a web server.</summary>
internal sealed class TestCore : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IHost _host;
    private TestDatabase? _owned;

    private TestCore(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public IDbContextFactory<LlmEvalDb> Databases => Get<IDbContextFactory<LlmEvalDb>>();

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>On a database of its own, which goes with it.</summary>
    /// <param name="add">The features that the test is about; storage is always there, and the audit log of what changes settings.</param>
    public static async Task<TestCore> StartAsync(DatabaseKind kind, Action<IServiceCollection, IConfiguration>? add = null)
    {
        TestDatabase database = await TestDatabase.CreateAsync(kind);
        TestCore core = await StartAsync(database, add);
        core._owned = database;
        return core;
    }

    public static async Task<TestCore> StartAsync(TestDatabase database, Action<IServiceCollection, IConfiguration>? add = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(database.Settings);
        builder.Logging.AddProvider(new TestOutputLog());
        builder.Services.AddStorage(builder.Configuration);
        builder.Services.AddSingleton<AuditedChanges>();
        add?.Invoke(builder.Services, builder.Configuration);
        IHost host = builder.Build();
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            await WaitUntilReadyAsync(host);
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new TestCore(host);
    }

    private static async Task WaitUntilReadyAsync(IHost host)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken,
            host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        limit.CancelAfter(Patience);
        try
        {
            await host.Services.GetRequiredService<StorageReadiness>().WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Assert.Fail("The database did not become ready; the test's output says why.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();

        if (_owned is not null)
        {
            await _owned.DisposeAsync();
        }
    }
}
