using System.Net;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Storage;

public class StorageHealthTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Slow lists are no outage: a balancer that takes the replica out would make it worse.</summary>
    [Fact]
    public async Task ADatabaseWhoseConnectionsAreAllTakenByReadersIsNotAway()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using TestServer server = await TestServer.StartAsync(database, new Dictionary<string, string?> { ["LlmEval:DatabaseConnections"] = "5" });
        var databases = server.Services.GetRequiredService<IDbContextFactory<LlmEvalDb>>();
        var readers = new List<LlmEvalDb>();
        try
        {
            for (int i = 0; i < 2; i++)
            {
                readers.Add(await databases.CreateDbContextAsync(Cancel));
                await OpenAsync(readers[^1]);
            }

            using HttpResponseMessage answer = await server.Http.GetAsync("/health/ready", Cancel);

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        finally
        {
            foreach (LlmEvalDb reader in readers)
            {
                await reader.DisposeAsync();
            }
        }
    }

    /// <summary>The background takes connections too: on a busy machine, longer than one is waited for.</summary>
    private static async Task OpenAsync(LlmEvalDb reader)
    {
        for (int attempts = 1; ; attempts++)
        {
            try
            {
                await reader.Database.OpenConnectionAsync(Cancel);
                return;
            }
            catch (Exception e) when (Outage.Is(e) && attempts < 10)
            {
            }
        }
    }

    [Fact]
    public async Task ManyWhoAskAtOnceAreAnsweredByOneLook()
    {
        var held = new TaskCompletionSource();
        int asked = 0;
        var readiness = new StorageReadiness();
        readiness.Set();
        var health = new StorageHealth(
            _ =>
            {
                asked++;
                return held.Task;
            },
            readiness, TimeProvider.System, () => { });

        Task<StorageFault?>[] looks = [.. Enumerable.Range(0, 100).Select(_ => health.FindFaultAsync(Cancel))];
        held.SetResult();

        Assert.All(await Task.WhenAll(looks), Assert.Null);
        Assert.Equal(1, asked);
        Assert.Null(await health.FindFaultAsync(Cancel));
        Assert.Equal(2, asked);
    }
}
