using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Reports;
using LlmEval.Bench.Streams;

namespace LlmEval.Bench.Runs;

/// <summary>Two servers on one PostgreSQL and Redis: what both take together, and a reader that goes to and fro between them.</summary>
internal static class ReplicasRun
{
    private const int Readers = 8;

    /// <summary>In all. What two take of what one takes depends on it: each of two writers has half of those who wait, and a commit costs alike however little is in it.</summary>
    private static readonly int[] Crowds = [64, 128, 256];

    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        int rounds = arguments.Number("rounds", 5);
        int[] crowds = arguments.Number("connections", 0) is > 0 and var chosen ? [chosen] : Crowds;
        TimeSpan warmUp = arguments.Seconds("warmup", 3);
        TimeSpan duration = arguments.Seconds("seconds", 8);
        int switches = arguments.Number("switches", 20);
        arguments.Has("write");
        await using TestBed bed = await TestBed.StartAsync(arguments, big: true, redis: true, cancel);
        arguments.RefuseUnknown();

        var samples = crowds.ToDictionary(crowd => crowd, _ => new List<(LoadResult One, LoadResult Both)>());
        for (int round = 1; round <= rounds; round++)
        {
            foreach (int crowd in crowds)
            {
                LoadResult one = await MeasureAsync(1, crowd);
                LoadResult both = await MeasureAsync(2, crowd);
                samples[crowd].Add((one, both));
                Console.WriteLine(
                    $"round {round}/{rounds}, {crowd} connections: one {one.TracesPerSecond:N0}/s, both {both.TracesPerSecond:N0}/s; others "
                    + $"{one.Cpu.OtherCores:0.00}, {both.Cpu.OtherCores:0.00}");
            }
        }

        var table = new Table("connections", "replicas", "traces/s", "of one", "p99 ms", "CPU µs/trace", "others");
        foreach (int crowd in crowds)
        {
            Row(crowd, "one", s => s.One);
            Row(crowd, "two", s => s.Both);
        }

        new Report("replicas", "Two replicas")
            .Add(
                "Two servers on one PostgreSQL and one Redis, on the same cores as everything else; so many connections in all, "
                + "half to each of two, single traces, text indexer paused; "
                + $"{rounds} alternating rounds of {duration.TotalSeconds:0} s, medians.")
            .Add(table)
            .Add(await SwitchAsync(bed, switches, cancel))
            .Publish(arguments);

        void Row(int crowd, string name, Func<(LoadResult One, LoadResult Both), LoadResult> of) => table.Add(
            $"{crowd}",
            name,
            Figure.Rate(Statistics.Median(samples[crowd].Select(s => of(s).TracesPerSecond))),
            Figure.Ratio(Statistics.Median(samples[crowd].Select(s => of(s).TracesPerSecond / s.One.TracesPerSecond))),
            Figure.Ms(Statistics.Median(samples[crowd].Select(s => of(s).Latency.PercentileMs(99)))),
            Figure.Micros(Statistics.Median(samples[crowd].Select(s => of(s).Cpu.PerTrace(of(s).Traces)))),
            Figure.Cores(Statistics.Median(samples[crowd].Select(s => of(s).Cpu.OtherCores))));

        async Task<LoadResult> MeasureAsync(int replicas, int connections)
        {
            string database = await bed.NewDatabaseAsync();
            ServerProcess[] servers = [.. Enumerable.Range(0, replicas).Select(i => bed.Server($"replica-{i}", database, indexer: false))];
            try
            {
                await Task.WhenAll(servers.Select(s => s.StartAsync(cancel)));
                using var load = new LoadGenerator(new LoadPlan
                {
                    Ports = [.. servers.Select(s => s.Port)],
                    Bodies = new TraceBodies(),
                    Connections = connections,
                    WarmUp = warmUp,
                    WarmUpRequests = replicas * LoadPlan.SettledAfter,
                    Duration = duration,
                    Meter = new CpuMeter([.. servers.Select(s => s.ProcessId)], bed.Postgres.ProcessId),
                });
                return (await load.RunAsync(cancel)).Flawless("replicas");
            }
            finally
            {
                Array.ForEach(servers, s => s.Dispose());
            }
        }
    }

    private static async Task<string> SwitchAsync(TestBed bed, int switches, CancellationToken cancel)
    {
        string database = await bed.NewDatabaseAsync();
        using ServerProcess a = bed.Server("switch-a", database);
        using ServerProcess b = bed.Server("switch-b", database);
        await Task.WhenAll(a.StartAsync(cancel), b.StartAsync(cancel));

        // Each connection of a client goes to the other replica.
        using var fleet = new SseFleet(client => client.Connections % 2 == 0 ? a.Port : b.Port, reconnects: true);
        fleet.Start();
        await fleet.ConnectAsync(Readers, cancel);
        using var load = new LoadGenerator(new LoadPlan { Ports = [a.Port, b.Port], Bodies = new TraceBodies(256), Rate = 500 });
        Task<LoadResult> loading = load.RunAsync(cancel);
        for (int i = 0; i < switches; i++)
        {
            await Task.Delay(200, cancel);
            await fleet.OrderAsync(() =>
            {
                foreach (SseClient client in fleet.Clients)
                {
                    client.Open(client.Connections % 2 == 0 ? a.Port : b.Port);
                }
            });
        }

        load.Stop();
        LoadResult result = (await loading).Flawless("switching");
        await fleet.UntilAllHaveAsync(result.Acknowledged, TimeSpan.FromSeconds(10), cancel);
        await fleet.StopAsync();
        BenchFailure.Unless(
            fleet.Clients.All(c => c.Events == result.Acknowledged - c.FirstPosition),
            "a reader counted other events than there were");
        return $"{Readers} readers that changed between the two replicas {switches} times by Last-Event-ID, while both took traces, saw "
            + $"each of {result.Acknowledged:N0} events once, in order.";
    }
}
