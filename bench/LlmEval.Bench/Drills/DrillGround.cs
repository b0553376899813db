using System.Data.Common;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using LlmEval.Bench.Ledgers;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Net;
using LlmEval.Bench.Runs;
using LlmEval.Bench.Streams;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace LlmEval.Bench.Drills;

/// <summary>A server under load with stream readers: what every drill breaks something of.</summary>
internal sealed class DrillGround : IAsyncDisposable
{
    public const string Database = "drill";

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly Ledger _ledger;
    private readonly string _sqliteFile;

    private DrillGround(TestBed? bed, FaultyProxy? proxy, Scratch scratch, IReadOnlyList<ServerProcess> servers, GroundPlan plan, bool brief)
    {
        Bed = bed;
        Proxy = proxy;
        Scratch = scratch;
        Servers = servers;
        _sqliteFile = Path.Combine(Server.DataFolder, "llmeval.db");
        _ledger = new Ledger(scratch.Sub("ledger.txt"));
        Fleet = new SseFleet(client => servers[client.Number % servers.Count].Port, reconnects: true);
        Load = new LoadGenerator(new LoadPlan
        {
            Ports = [.. servers.Select(s => s.Port)],
            Bodies = new TraceBodies(256),
            Connections = plan.Connections ?? (brief ? 8 : 32),
            Rate = plan.Rate,
            Retry = plan.Retry,
            Ledger = _ledger,
        });
    }

    /// <summary>Null on SQLite.</summary>
    public TestBed? Bed { get; }

    /// <summary>Between the server and PostgreSQL; null where it was not asked for.</summary>
    public FaultyProxy? Proxy { get; }

    public Scratch Scratch { get; }

    /// <summary>The first of them, where there are several.</summary>
    public ServerProcess Server => Servers[0];

    public IReadOnlyList<ServerProcess> Servers { get; }

    public SseFleet Fleet { get; }

    public LoadGenerator Load { get; }

    /// <summary>The load's result, once it has been told to stop.</summary>
    public Task<LoadResult> Loading { get; private set; } = Task.FromResult(new LoadResult());

    private Scratch? OwnScratch { get; init; }

    public static Task<DrillGround> StartAsync(DrillSettings settings, bool redis, bool retry, CancellationToken cancel) =>
        StartAsync(settings, new GroundPlan { Redis = redis, Retry = retry }, cancel);

    public static async Task<DrillGround> StartAsync(DrillSettings settings, GroundPlan plan, CancellationToken cancel)
    {
        DrillGround ground;
        if (settings.Sqlite)
        {
            var scratch = new Scratch(settings.Arguments.Has("keep"));
            ServerProcess server = ServerProcess.Product(scratch, "server", plan.Settings, plan.OutlivesFileLimits);
            ground = new DrillGround(null, null, scratch, [server], plan, settings.Short) { OwnScratch = scratch };
        }
        else
        {
            TestBed bed = await TestBed.StartAsync(settings.Arguments, big: false, plan.Redis, cancel, migrate: false, plan.PostgresConnections);
            await bed.Postgres.CreateDatabaseAsync(Database);
            if (plan.PostgresUser is { } user)
            {
                await bed.Postgres.ExecuteAsync("postgres", $"CREATE ROLE {user} LOGIN");
                await bed.Postgres.ExecuteAsync("postgres", $"ALTER DATABASE {Database} OWNER TO {user}");
            }

            FaultyProxy? proxy = plan.Proxied ? new FaultyProxy(bed.Postgres.Port, settings.Random) : null;
            int port = proxy?.Port ?? bed.Postgres.Port;
            string url = plan.PostgresUser is { } name ? bed.Postgres.Url(Database, port, name) : bed.Postgres.Url(Database, port);
            ServerProcess[] servers =
                [.. Enumerable.Range(1, plan.Servers).Select(i => bed.With(i == 1 ? "server" : $"server-{i}", Database, [.. plan.Settings, new("DATABASE_URL", url)]))];
            ground = new DrillGround(bed, proxy, bed.Scratch, servers, plan, settings.Short);
        }

        try
        {
            await Task.WhenAll(ground.Servers.Select(s => s.StartAsync(cancel)));
            ground.Fleet.Start();
            await ground.Fleet.ConnectAsync(plan.Readers ?? (settings.Short ? 4 : 12), cancel);
            ground.Loading = ground.Load.RunAsync(cancel);
            return ground;
        }
        catch
        {
            await ground.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets some acknowledged traces go by.</summary>
    public async Task UntilAcknowledgedAsync(long more, TimeSpan atMost, CancellationToken cancel)
    {
        long goal = Load.Acknowledged + more;
        long began = Stopwatch.GetTimestamp();
        while (Load.Acknowledged < goal)
        {
            BenchFailure.Unless(Load.Surprise is null, Load.Surprise ?? "");
            BenchFailure.Unless(!Loading.IsCompleted, "the load ended by itself: a connection broke");
            BenchFailure.Unless(
                Stopwatch.GetElapsedTime(began) < atMost,
                $"not {more} traces acknowledged within {atMost.TotalSeconds:0} "
                + $"s:\n{(Server.Process.HasExited ? "the server is gone\n" : "")}{Server.Process.LastWords()}");
            await Task.Delay(10, cancel);
        }
    }

    /// <summary>Notes what a drill sends itself, once the load is over, as the load notes its own.</summary>
    public void Note(string id, string content, bool acknowledged)
    {
        BenchFailure.Unless(Loading.IsCompleted, "the load still writes the ledger");
        byte[] bytes = Encoding.ASCII.GetBytes(id);
        _ledger.Attempt(bytes, Encoding.ASCII.GetBytes(content));
        if (acknowledged)
        {
            _ledger.Acknowledge(bytes);
        }
    }

    /// <summary>Ends the load, waits for the readers, and holds the ledger against the database.</summary>
    public async Task<string> SettleAsync(CancellationToken cancel)
    {
        Load.Stop();
        LoadResult result = await Loading;
        BenchFailure.Unless(result.Surprise is null, $"{result.Surprise} (answers: {result.StatusText})");
        BenchFailure.Unless(
            result.Unanswered.Count == 0,
            $"{result.Unanswered.Count} requests were not answered 10 s after the end of the load");
        string found = await CheckAsync(cancel);
        await UntilReadersAreThereAsync(cancel);
        await CheckStatsAsync(cancel);
        return $"{found}; {Fleet.Clients.Count} readers over {Fleet.Clients.Sum(c => c.Connections)} connections saw each event once, in "
            + $"order; answers {result.StatusText}";
    }

    public async Task<string> CheckAsync(CancellationToken cancel)
    {
        _ledger.Flush();
        await using DbConnection database = Open();
        return await LedgerCheck.RunAsync(_ledger.Path, database, cancel);
    }

    public async Task<long> CountAsync(string sql, CancellationToken cancel)
    {
        await using DbConnection database = Open();
        await database.OpenAsync(cancel);
        await using DbCommand command = database.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancel), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The first column of each row.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string sql, CancellationToken cancel)
    {
        await using DbConnection database = Open();
        await database.OpenAsync(cancel);
        await using DbCommand command = database.CreateCommand();
        command.CommandText = sql;
        await using DbDataReader rows = await command.ExecuteReaderAsync(cancel);
        var list = new List<string>();
        while (await rows.ReadAsync(cancel))
        {
            list.Add(rows.GetString(0));
        }

        return list;
    }

    /// <summary>Measures for a while how soon the readers have what is sent.</summary>
    public async Task<(double P99, double Slowest)> DelayAsync(TimeSpan duration, CancellationToken cancel)
    {
        (double, double) found = default;
        await Fleet.OrderAsync(Fleet.Delay.Clear);
        await Fleet.MeasureAsync(true);
        await Task.Delay(duration, cancel);
        await Fleet.OrderAsync(() => found = (Fleet.Delay.PercentileMs(99), Fleet.Delay.MaxMs));
        await Fleet.MeasureAsync(false);
        return found;
    }

    /// <summary>Changes something behind the server's back.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancel)
    {
        await using DbConnection database = Open(SqliteOpenMode.ReadWrite);
        await database.OpenAsync(cancel);
        await using DbCommand command = database.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task UntilReadersAreThereAsync(CancellationToken cancel)
    {
        long head = await CountAsync("SELECT last_id FROM event_head", cancel);
        await Fleet.UntilAllHaveAsync(head, TimeSpan.FromSeconds(15), cancel);
        foreach (SseClient client in Fleet.Clients)
        {
            // More, when an alert is cleared meanwhile. That each follows the one before, the client has seen to.
            BenchFailure.Unless(
                client.Events >= head - client.FirstPosition,
                $"a reader took {client.Events} events from {client.FirstPosition} to {head}");
        }
    }

    // The figures that are kept up with every trace must say what a recount says.
    private async Task CheckStatsAsync(CancellationToken cancel)
    {
        foreach (ServerProcess server in Servers)
        {
            await CheckStatsAsync(server, cancel);
        }
    }

    private async Task CheckStatsAsync(ServerProcess server, CancellationToken cancel)
    {
        using JsonDocument stats = JsonDocument.Parse(await Http.GetStringAsync(new Uri(server.Url, "/webhook/stats"), cancel));
        await CompareAsync("total_traces", "SELECT count(*) FROM traces");
        await CompareAsync("pending_evaluation", "SELECT count(*) FROM traces WHERE status IN (0, 1)");

        async Task CompareAsync(string figure, string sql)
        {
            long says = stats.RootElement.GetProperty(figure).GetInt64();
            long stored = await CountAsync(sql, cancel);
            BenchFailure.Unless(says == stored, $"/webhook/stats says {says} of {figure}, {stored} are stored");
        }
    }

    private DbConnection Open(SqliteOpenMode mode = SqliteOpenMode.ReadOnly) => Bed is { } bed
        ? new NpgsqlConnection(bed.Postgres.ConnectionString(Database) + ";Pooling=false")
        : new SqliteConnection($"Data Source={_sqliteFile};Mode={mode};Pooling=false");

    public async ValueTask DisposeAsync()
    {
        Load.Stop();
        await Loading.ContinueWith(_ => { }, TaskScheduler.Default);
        Load.Dispose();
        Fleet.Dispose();
        _ledger.Dispose();
        foreach (ServerProcess server in Servers)
        {
            server.Dispose();
        }

        Proxy?.Dispose();
        await (Bed?.DisposeAsync() ?? default);
        OwnScratch?.Dispose();
    }
}
