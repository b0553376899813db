using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LlmEval.Tests.Access;

public class ProtectionKeysTests
{
    // CVE-2026-40372: before it, cookies could be forged.
    private static readonly Version Sound = new(10, 0, 7);

    [Theory]
    [EveryDatabase]
    public async Task WhatWasProtectedIsReadableAfterARestart(DatabaseKind kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        string secret;
        await using (TestServer server = await TestServer.StartAsync(database))
        {
            secret = Protector(server).Protect("hello");
            Assert.NotEmpty(server.Services.GetRequiredService<ProtectionKeys>().List());
        }

        await using TestServer again = await TestServer.StartAsync(database);
        Assert.Equal("hello", Protector(again).Unprotect(secret));
    }

    [Fact]
    public async Task AServerWhoseDatabaseIsAwayGoesOnWithTheKeysOfItsStart()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var proxy = new TestProxy(database);
        await using TestServer server = await TestServer.StartAsync(database, proxy.Settings);
        await server.Services.GetServices<IHostedService>().OfType<ProtectionKeysAtStart>().Single().ExecuteTask!;
        proxy.Cut();

        Assert.Equal("hello", Protector(server).Unprotect(Protector(server).Protect("hello")));
        using HttpResponseMessage list = await server.Http.GetAsync("/stream/traces", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, list.StatusCode);
        JsonElement problem = await list.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(503, problem.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task ReplicasReadWhatEachOtherProtect()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using TestServer first = await TestServer.StartAsync(database);
        await using TestServer second = await TestServer.StartAsync(database);

        string fromFirst = Protector(first).Protect("one");
        string fromSecond = Protector(second).Protect("two");

        Assert.Equal(("one", "two"), (Protector(second).Unprotect(fromFirst), Protector(first).Unprotect(fromSecond)));
    }

    [Fact]
    public void TheFrameworkThatRunsIsNotTheOneWhoseCookiesCouldBeForged()
    {
        string version = FileVersionInfo.GetVersionInfo(typeof(IDataProtector).Assembly.Location).ProductVersion!.Split('+', '-')[0];

        Assert.True(Version.Parse(version) >= Sound, $"ASP.NET Core {version} runs: install {Sound} or later.");
    }

    private static IDataProtector Protector(TestServer server) => server.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

    [Fact]
    public async Task APageMayMakeAKeyWhileOthersWrite()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        var keys = server.Services.GetRequiredService<ProtectionKeys>();
        IDisposable? others = await server.Services.GetRequiredService<IWriteTurn>().TakeAsync(TestContext.Current.CancellationToken);
        var page = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new BusyContext());
            keys.Add("key", "<key/>");
        });

        page.Start();
        await Eventually.TrueAsync(() => page.ThreadState.HasFlag(System.Threading.ThreadState.WaitSleepJoin));
        others?.Dispose();

        Assert.True(page.Join(TimeSpan.FromSeconds(10)), "The page waits for itself.");
        await server.StoreAsync("t");
    }

    /// <summary>Of a page that renders: what is posted to it has to wait until it is done.</summary>
    private sealed class BusyContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
