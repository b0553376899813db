using System.Diagnostics;
using System.Globalization;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Deployment;

/// <summary>Backup and restore as docs/operations.md has it.</summary>
public class BackupTests
{
    private const int Before = 30;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ABackupTakenWhileTracesComeInIsRestoredAndReadersAreTold()
    {
        if (!Needs.Has("pg_dump") || !Needs.Has("pg_restore"))
        {
            Needs.SkipOrFail("pg_dump was not found. Install it (apt-get install postgresql-client).");
        }

        string dump = Path.GetTempFileName();
        try
        {
            await using TestDatabase original = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
            await using TestDatabase restored = await TestDatabase.CreateBareAsync(DatabaseKind.Postgres);
            long lastSeen;
            await using (TestServer server = await TestServer.StartAsync(original))
            {
                await StoreAsync(server, "before", Before);
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
                Task storing = StoreUntilAsync(server, stop.Token);
                await RunAsync("pg_dump", "--format=custom", $"--file={dump}", original.Address);
                await stop.CancelAsync();
                await storing;
                lastSeen = (await server.GetAsync("/api/traces?limit=1000&fields=summary")).GetProperty("items").GetArrayLength();
            }

            await RunAsync("pg_restore", "--no-owner", $"--dbname={restored.Address}", dump);
            await RunSqlAsync(restored, await File.ReadAllTextAsync(Repository.PathTo("deploy", "after-restore.sql"), Cancel));

            await using TestServer again = await TestServer.StartAsync(restored);
            int stored = (await again.GetAsync("/api/traces?limit=1000&fields=summary")).GetProperty("items").GetArrayLength();
            Assert.InRange(stored, Before, lastSeen);
            Assert.Equal(stored, (await again.GetAsync("/webhook/stats")).GetProperty("total_traces").GetInt32());

            // The reader had events that the restored server knows nothing of.
            await using TestStream stream = await TestStream.OpenAsync(again.Http, "/stream/events", lastSeen);
            StreamFrame reset = await stream.NextAsync("stream_reset");
            await StoreAsync(again, "after", 3);
            long first = (await stream.NextAsync("trace_updates")).Id!.Value;
            Assert.Equal(reset.Body.GetProperty("continues_after").GetInt64() + 1, first);
            Assert.True(first > 1_000_000_000);
            await Eventually.TrueAsync(async () =>
                (await again.GetAsync("/api/traces?q=question&limit=1000&fields=summary")).GetProperty("items").GetArrayLength() == stored + 3);
        }
        finally
        {
            File.Delete(dump);
        }
    }

    private static async Task StoreAsync(TestServer server, string prefix, int count)
    {
        for (int i = 0; i < count; i++)
        {
            using HttpResponseMessage answer = await server.PostTraceAsync(
                new { trace_id = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{i}"), model_name = "m", user_query = "a question", ai_response = "a" });
            answer.EnsureSuccessStatusCode();
        }
    }

    private static async Task StoreUntilAsync(TestServer server, CancellationToken stop)
    {
        for (int i = 0; i < 800 && !stop.IsCancellationRequested; i++)
        {
            await StoreAsync(server, string.Create(CultureInfo.InvariantCulture, $"during-{i}"), 1);
        }
    }

    private static async Task RunSqlAsync(TestDatabase database, string script)
    {
        await using TestCore core = await TestCore.StartAsync(database);
        await using LlmEvalDb db = await core.Services.GetRequiredService<IDbContextFactory<LlmEvalDb>>().CreateDbContextAsync(Cancel);
        await db.Database.ExecuteSqlRawAsync(script, Cancel);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, errors);
    }
}
