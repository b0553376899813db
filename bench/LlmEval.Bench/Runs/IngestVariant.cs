using System.Net.Http.Json;
using System.Text.Json;
using LlmEval.Bench.Baselines;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;

namespace LlmEval.Bench.Runs;

/// <summary>One way to take traces in, measured on a fresh server and an empty database.</summary>
/// <param name="Name">On the command line and in the table.</param>
/// <param name="BatchSize">1: single traces.</param>
/// <param name="Baseline">The variant whose rate this one's is divided by.</param>
internal sealed record IngestVariant(string Name, string Says, int BatchSize, string Baseline)
{
    public static readonly IReadOnlyList<IngestVariant> All =
    [
        new("bare", "endpoint that only parses and answers", 1, "bare"),
        new("postgres", "LlmEval on PostgreSQL, text indexer paused", 1, "bare"),
        new("postgres-indexed", "LlmEval on PostgreSQL, text indexer running", 1, "bare"),
        new("postgres-unwatched", "LlmEval on PostgreSQL, text indexer paused, without /metrics", 1, "bare"),
        new("postgres-watched", "LlmEval on PostgreSQL, text indexer paused, /metrics read every second", 1, "bare"),
        new("postgres-keyed", "LlmEval on PostgreSQL, text indexer paused, each request with an API key", 1, "bare"),
        new("postgres-unchecked", "LlmEval on PostgreSQL, text indexer paused, signed requests that nobody checks", 1, "bare"),
        new("postgres-signed", "LlmEval on PostgreSQL, text indexer paused, signed requests, checked and kept against replays", 1, "bare"),
        new("sqlite", "LlmEval on SQLite (synchronous=FULL), text indexer paused", 1, "bare"),
        new("ef", "EF Core, one SaveChanges a request", 1, "bare"),
        new("copy", "binary COPY, one connection", 0, "copy"),
        new("postgres-batch", "LlmEval on PostgreSQL, text indexer paused", 100, "copy"),
        new("sqlite-batch", "LlmEval on SQLite (synchronous=FULL), text indexer paused", 100, "copy"),
    ];

    private static readonly byte[] Secret = System.Security.Cryptography.RandomNumberGenerator.GetBytes(32);

    public async Task<LoadResult> MeasureAsync(TestBed bed, IngestSettings settings, CancellationToken cancel)
    {
        string database = await bed.NewDatabaseAsync();
        if (Name == "copy")
        {
            await LikeTracesAsync(bed, database, CopyBaseline.Table);
            return await CopyBaseline.RunAsync(
                bed.Postgres.ConnectionString(database),
                settings.Bodies,
                settings.WarmUp,
                settings.Duration,
                new CpuMeter([], bed.Postgres.ProcessId),
                cancel);
        }

        if (Name == "ef")
        {
            await LikeTracesAsync(bed, database, EfTraces.Table);
        }

        using ServerProcess server = Server(bed, database);
        await server.StartAsync(cancel);
        using var load = new LoadGenerator(new LoadPlan
        {
            Ports = [server.Port],
            Bodies = settings.Bodies,
            Connections = BatchSize > 1 ? settings.BatchConnections : settings.Connections,
            BatchSize = BatchSize,
            WarmUp = settings.WarmUp,
            WarmUpRequests = BatchSize > 1 ? 2_000 : LoadPlan.SettledAfter,
            Duration = settings.Duration,
            Meter = new CpuMeter([server.ProcessId], bed.Postgres.ProcessId),
            Key = Name == "postgres-keyed" ? await MakeKeyAsync(server, cancel) : null,
            Secret = Name is "postgres-signed" or "postgres-unchecked" ? Secret : null,
        });
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task watch = Name == "postgres-watched" ? ScrapeAsync(server, watching.Token) : Task.CompletedTask;
        LoadResult result = (await load.RunAsync(cancel)).Flawless(Name);
        await watching.CancelAsync();
        await watch;
        result.ServerBytes = CpuMeter.ResidentBytes(server.ProcessId);
        if (Name == "postgres-indexed")
        {
            result.IndexLag = await SearchIndex.LagAsync(bed.Postgres, database);
        }

        return result;
    }

    private static async Task<string> MakeKeyAsync(ServerProcess server, CancellationToken cancel)
    {
        using var http = new HttpClient();
        using HttpResponseMessage made = await http.PostAsJsonAsync(
            new Uri(server.Url, "/api/keys"), new { name = "bench", scopes = new[] { "ingest" } }, cancel);
        return (await made.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("key").GetString()!;
    }

    /// <summary>As a Prometheus does, but more often.</summary>
    private static async Task ScrapeAsync(ServerProcess server, CancellationToken cancel)
    {
        using var http = new HttpClient();
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), cancel);
                string text = await http.GetStringAsync(new Uri(server.Url, "/metrics"), cancel);
                BenchFailure.Unless(text.Contains("llmeval_ingestion_traces_total", StringComparison.Ordinal), "/metrics does not count traces");
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private ServerProcess Server(TestBed bed, string database)
    {
        switch (Name)
        {
            case "bare":
                return ServerProcess.Baseline(bed.Scratch, "serve-bare");
            case "ef":
                string connection = bed.Postgres.ConnectionString(database) + ";Maximum Pool Size=64";
                return ServerProcess.Baseline(bed.Scratch, "serve-ef", "--database", connection);
            case "sqlite" or "sqlite-batch":
                return bed.SqliteServer($"{Name}-{database}", indexer: false);
            case "postgres-signed":
                return bed.With(Name, database, [new("WEBHOOK_SECRET", "whsec_" + Convert.ToBase64String(Secret))], indexer: false);
            default:
                return bed.Server(Name, database, indexer: Name == "postgres-indexed", metrics: Name != "postgres-unwatched");
        }
    }

    private static Task LikeTracesAsync(TestBed bed, string database, string table) =>
        bed.Postgres.ExecuteAsync(database, $"CREATE TABLE {table} (LIKE traces INCLUDING ALL)");
}

internal sealed record IngestSettings(TraceBodies Bodies, int Connections, int BatchConnections, TimeSpan WarmUp, TimeSpan Duration);
