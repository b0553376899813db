using System.Data.Common;
using System.Diagnostics;
using System.Text.Json;
using LlmEval.Bench.Ledgers;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Runs;
using LlmEval.Bench.Streams;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace LlmEval.Bench.Drills;

/// <summary>A server under load with stream readers: what every drill breaks something of.</summary>
internal sealed class DrillGround : IAsyncDisposable
{
    private const int Readers = 12;
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly Ledger _ledger;
    private readonly string _sqliteFile;

    private DrillGround(TestBed? bed, Scratch scratch, ServerProcess server, bool retry)
    {
        Bed = bed;
        Server = server;
        _sqliteFile = Path.Combine(server.DataFolder, "llmeval.db");
        _ledger = new Ledger(scratch.Sub("ledger.txt"));
        Fleet = new SseFleet(_ => server.Port, reconnects: true);
        Load = new LoadGenerator(new LoadPlan
        {
            Ports = [server.Port],
            Bodies = new TraceBodies(256),
            Connections = 32,
            Retry = retry,
            Ledger = _ledger,
        });
    }

    /// <summary>Null on SQLite.</summary>
    public TestBed? Bed { get; }

    public ServerProcess Server { get; }

    public SseFleet Fleet { get; }

    public LoadGenerator Load { get; }

    /// <summary>The load's result, once it has been told to stop.</summary>
    public Task<LoadResult> Loading { get; private set; } = Task.FromResult(new LoadResult());

    private Scratch? OwnScratch { get; init; }

    public static async Task<DrillGround> StartAsync(DrillSettings settings, bool redis, bool retry, CancellationToken cancel)
    {
        DrillGround ground;
        if (settings.Sqlite)
        {
            var scratch = new Scratch(settings.Arguments.Has("keep"));
            ground = new DrillGround(null, scratch, ServerProcess.Product(scratch, "server", []), retry) { OwnScratch = scratch };
        }
        else
        {
            TestBed bed = await TestBed.StartAsync(settings.Arguments, big: false, redis, cancel, migrate: false);
            await bed.Postgres.CreateDatabaseAsync("drill");
            ground = new DrillGround(bed, bed.Scratch, bed.Server("server", "drill"), retry);
        }

        try
        {
            await ground.Server.StartAsync(cancel);
            ground.Fleet.Start();
            await ground.Fleet.ConnectAsync(Readers, cancel);
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

    private async Task UntilReadersAreThereAsync(CancellationToken cancel)
    {
        long head = await CountAsync("SELECT last_id FROM event_head", cancel);
        await Fleet.UntilAllHaveAsync(head, TimeSpan.FromSeconds(15), cancel);
        foreach (SseClient client in Fleet.Clients)
        {
            BenchFailure.Unless(
                client.Events == head - client.FirstPosition,
                $"a reader took {client.Events} events from {client.FirstPosition} to {head}");
        }
    }

    // The figures that are kept up with every trace must say what a recount says.
    private async Task CheckStatsAsync(CancellationToken cancel)
    {
        using JsonDocument stats = JsonDocument.Parse(await Http.GetStringAsync(new Uri(Server.Url, "/webhook/stats"), cancel));
        long says = stats.RootElement.GetProperty("total_traces").GetInt64();
        long stored = await CountAsync("SELECT count(*) FROM traces", cancel);
        BenchFailure.Unless(says == stored, $"/webhook/stats says {says} traces, {stored} are stored");
    }

    private DbConnection Open() => Bed is { } bed
        ? new NpgsqlConnection(bed.Postgres.ConnectionString("drill") + ";Pooling=false")
        : new SqliteConnection($"Data Source={_sqliteFile};Mode=ReadOnly;Pooling=false");

    public async ValueTask DisposeAsync()
    {
        Load.Stop();
        await Loading.ContinueWith(_ => { }, TaskScheduler.Default);
        Load.Dispose();
        Fleet.Dispose();
        _ledger.Dispose();
        Server.Dispose();
        await (Bed?.DisposeAsync() ?? default);
        OwnScratch?.Dispose();
    }
}
