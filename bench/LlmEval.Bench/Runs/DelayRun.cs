using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Reports;
using LlmEval.Bench.Streams;

namespace LlmEval.Bench.Runs;

/// <summary>At a rate that leaves the machine air: how long a request waits for its answer, and a reader for the event.</summary>
internal static class DelayRun
{
    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        int rate = arguments.Number("rate", 500);
        int rounds = arguments.Number("rounds", 5);
        int clients = arguments.Number("clients", 1);
        TimeSpan duration = arguments.Seconds("seconds", 15);
        bool sqlite = arguments.Has("sqlite");
        arguments.Has("write");
        await using TestBed bed = await TestBed.StartAsync(arguments, big: true, redis: !sqlite, cancel);
        arguments.RefuseUnknown();

        var samples = new List<(LoadResult Load, Latencies Stream)>();
        for (int round = 1; round <= rounds; round++)
        {
            string database = await bed.NewDatabaseAsync();
            using ServerProcess server = sqlite ? bed.SqliteServer($"sqlite-{round}") : bed.Server("delay", database);
            await server.StartAsync(cancel);
            samples.Add(await MeasureAsync(server, bed.Postgres.ProcessId, rate, clients, duration, cancel));
            (LoadResult load, Latencies stream) = samples[^1];
            Console.WriteLine(
                $"round {round}/{rounds} {load.TracesPerSecond:N0}/s  answer p50 {load.Latency.PercentileMs(50):0.00} p99 "
                + $"{load.Latency.PercentileMs(99):0.00} ms  "
                + $"stream p50 {stream.PercentileMs(50):0.00} p99 {stream.PercentileMs(99):0.00} ms  others {load.Cpu.OtherCores:0.00}");
        }

        var table = new Table("from the moment it was to be sent", "p50 ms", "p99 ms", "slowest ms");
        void Row(string name, IEnumerable<Latencies> of)
        {
            Latencies[] all = [.. of];
            table.Add(
                name,
                Figure.Ms(Statistics.Median(all.Select(h => h.PercentileMs(50)))),
                Figure.Ms(Statistics.Median(all.Select(h => h.PercentileMs(99)))),
                Figure.Ms(all.Max(h => h.MaxMs)));
        }

        Row("request to answer", samples.Select(s => s.Load.Latency));
        Row("request to event on a stream", samples.Select(s => s.Stream));
        new Report(sqlite ? "delay-sqlite" : "delay", sqlite ? "Delay, SQLite" : "Delay")
            .Add(
                $"Open loop at {rate} single traces a second on {(sqlite ? "SQLite" : "PostgreSQL and Redis")}, everything on, "
                + $"{clients} reader(s) of /stream/events; {rounds} rounds of {duration.TotalSeconds:0} s, medians. "
                + $"Reached {Figure.Rate(Statistics.Median(samples.Select(s => s.Load.TracesPerSecond)))}/s; other processes took "
                + $"{Figure.Cores(Statistics.Median(samples.Select(s => s.Load.Cpu.OtherCores)))} cores.")
            .Add(table)
            .Publish(arguments);
    }

    private static async Task<(LoadResult Load, Latencies Stream)> MeasureAsync(
        ServerProcess server, int postmaster, int rate, int clients, TimeSpan duration, CancellationToken cancel)
    {
        using var fleet = new SseFleet(_ => server.Port);
        fleet.Start();
        await fleet.ConnectAsync(clients, cancel);
        var plan = new LoadPlan
        {
            Ports = [server.Port],
            Bodies = new TraceBodies(),
            Rate = rate,
            Duration = TimeSpan.FromSeconds(3),
        };
        using (var warmUp = new LoadGenerator(plan))
        {
            (await warmUp.RunAsync(cancel)).Flawless("warm-up");
        }

        await fleet.MeasureAsync(true);
        using var load = new LoadGenerator(plan with { Duration = duration, Meter = new CpuMeter([server.ProcessId], postmaster) });
        LoadResult result = (await load.RunAsync(cancel)).Flawless("delay");
        await fleet.UntilAsync(
            () => fleet.Deliveries >= result.Acknowledged * clients, TimeSpan.FromSeconds(10), "every event has come", cancel);
        await fleet.StopAsync();
        return (result, fleet.Delay);
    }
}
