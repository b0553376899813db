using System.Diagnostics;
using System.Globalization;
using LlmEval.Core.Storage.Postgres;
using LlmEval.Tests.Docs;
using LlmEval.Tests.Support;
using Npgsql;

namespace LlmEval.Tests.Deployment;

/// <summary>Backup and restore by the very commands of docs/operations.md.</summary>
public sealed class BackupTests : IDisposable
{
    private const int Before = 30;

    private readonly string _folder = Directory.CreateTempSubdirectory("llmeval-backup-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task ABackupTakenWhileTracesComeInIsRestoredAndReadersAreTold(DatabaseKind kind)
    {
        string program = kind == DatabaseKind.Postgres ? "pg_dump" : "sqlite3";
        if (!Needs.Has(program))
        {
            Needs.SkipOrFail($"{program} was not found. Install it (apt-get install {(kind == DatabaseKind.Postgres ? "postgresql-client" : program)}).");
        }

        (string backup, string restore) = Printed(program);
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        long lastSeen;
        await using (TestServer server = await TestServer.StartAsync(database))
        {
            await StoreAsync(server, "before", Before);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            Task storing = StoreUntilAsync(server, stop.Token);
            await RunAsync(backup, database);
            await stop.CancelAsync();
            await storing;
            await StoreAsync(server, "lost", 3);
            lastSeen = (await server.GetAsync("/api/traces?limit=1000&fields=summary")).GetProperty("items").GetArrayLength();
        }

        await RunAsync(restore, database);

        await using TestServer again = await TestServer.StartAsync(database);
        int stored = (await again.GetAsync("/api/traces?limit=1000&fields=summary")).GetProperty("items").GetArrayLength();
        Assert.InRange(stored, Before, lastSeen - 3);
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

    /// <summary>The first snippet that names the program makes the backup, the next one restores it.</summary>
    private static (string Backup, string Restore) Printed(string program)
    {
        Snippet[] snippets = [.. Document.Read("docs/operations.md").Snippets.Where(s => s.Language == "console")];
        int at = Array.FindIndex(snippets, s => s.Text.Contains(program, StringComparison.Ordinal));
        return (snippets[at].Text, snippets[at + 1].Text);
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

    /// <summary>There is no Docker engine here: what is said to a container is said to the tests' own database.</summary>
    private async Task RunAsync(string printed, TestDatabase database)
    {
        var start = new ProcessStartInfo("bash") { WorkingDirectory = Repository.Root, RedirectStandardError = true };
        string[] commands = [.. printed.Split('\n').Where(line => !line.StartsWith("docker compose st", StringComparison.Ordinal))];
        string script = string.Join('\n', commands)
            .Replace("llmeval.dump", Path.Combine(_folder, "dump"), StringComparison.Ordinal)
            .Replace("llmeval.backup", Path.Combine(_folder, "backup"), StringComparison.Ordinal)
            .Replace("docker compose exec -T db ", "", StringComparison.Ordinal);
        if (database.Kind == DatabaseKind.Sqlite)
        {
            script = script.Replace("data/", database.Address + "/", StringComparison.Ordinal);
        }
        else if (DatabaseUrl.TryParse(database.Address, out NpgsqlConnectionStringBuilder? settings, out _))
        {
            script = script.Replace("eval_db", settings.Database, StringComparison.Ordinal).Replace("-U postgres", $"-U {settings.Username}", StringComparison.Ordinal);
            start.Environment["PGHOST"] = settings.Host;
            start.Environment["PGPORT"] = settings.Port.ToString(CultureInfo.InvariantCulture);
            start.Environment["PGPASSWORD"] = settings.Password;
        }

        start.ArgumentList.Add("-euc");
        start.ArgumentList.Add($"exec >/dev/null\n{script}");
        using Process process = Process.Start(start)!;
        string errors = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, $"{script}\n{errors}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
