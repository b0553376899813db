using System.Diagnostics;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Reports;
using LlmEval.Bench.Streams;

namespace LlmEval.Bench.Runs;

/// <summary>Many stream readers: do all get everything, in order and in time, and what does a reader cost?</summary>
internal static class FanOutRun
{
    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        int rate = arguments.Number("rate", 200);
        int rounds = arguments.Number("rounds", 5);
        int idle = arguments.Number("idle", 5_000);
        int deafSeconds = arguments.Number("deaf-seconds", 45);
        int[] crowds = [.. (arguments.Text("clients") ?? "100,1000").Split(',').Select(int.Parse).Where(c => c > 0)];
        TimeSpan duration = arguments.Seconds("seconds", 10);
        arguments.Has("write");
        await using TestBed bed = await TestBed.StartAsync(arguments, big: true, redis: true, cancel);
        arguments.RefuseUnknown();

        var samples = crowds.ToDictionary(c => c, _ => new List<FanOutSample>());
        for (int round = 1; round <= rounds; round++)
        {
            foreach (int clients in crowds)
            {
                FanOutSample sample = await MeasureAsync(bed, clients, rate, duration, cancel);
                samples[clients].Add(sample);
                Console.WriteLine(
                    $"round {round}/{rounds} {clients} clients: {sample.PerSecond:N0} of {clients * rate:N0} deliveries/s, p50 "
                    + $"{sample.Delay.PercentileMs(50):0.00} "
                    + $"p99 {sample.Delay.PercentileMs(99):0.00} ms ({sample.AfterAnswer.PercentileMs(99):0.00} after the answer), server {sample.ServerCores:0.00} cores, others "
                    + $"{sample.Load.Cpu.OtherCores:0.00}");
            }
        }

        Report report = Describe(rate, rounds, duration, samples);
        if (idle > 0)
        {
            report.Add(await HoldIdleAsync(bed, idle, cancel));
        }

        if (deafSeconds > 0)
        {
            report.Add(await WithDeafReaderAsync(bed, TimeSpan.FromSeconds(deafSeconds), cancel));
        }

        report.Publish(arguments);
    }

    private static async Task<FanOutSample> MeasureAsync(TestBed bed, int clients, int rate, TimeSpan duration, CancellationToken cancel)
    {
        using ServerProcess server = await StartServerAsync(bed, cancel);
        using var fleet = new SseFleet(_ => server.Port) { Arrivals = [] };
        fleet.Start();
        await fleet.ConnectAsync(clients, cancel);
        var answers = new AnswerTimes();
        var plan = new LoadPlan
        {
            Ports = [server.Port],
            Bodies = new TraceBodies(),
            Rate = rate,
            Duration = TimeSpan.FromSeconds(3),
            Answers = answers,
        };
        await LoadAsync(plan, fleet, cancel);
        await fleet.MeasureAsync(true);
        var meter = new CpuMeter([server.ProcessId], bed.Postgres.ProcessId);
        long began = Stopwatch.GetTimestamp();
        LoadResult load = await LoadAsync(plan with { Duration = duration, Meter = meter }, fleet, cancel);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await fleet.StopAsync();
        var afterAnswer = new Latencies();
        foreach ((long dueAt, long at) in fleet.Arrivals!)
        {
            afterAnswer.Add(at - (answers.Of(dueAt) ?? throw new BenchFailure("an event came of a trace that was not acknowledged")));
        }

        return new FanOutSample(load, fleet.Delay, afterAnswer, fleet.Deliveries, seconds, fleet.DeliveredBytes / (double)fleet.Deliveries);
    }

    /// <summary>Posts, and waits until every client has every event of it.</summary>
    private static async Task<LoadResult> LoadAsync(LoadPlan plan, SseFleet fleet, CancellationToken cancel)
    {
        long before = 0;
        await fleet.OrderAsync(() => before = fleet.Clients.Max(c => c.LastId));
        using var load = new LoadGenerator(plan);
        LoadResult result = (await load.RunAsync(cancel)).Flawless("fan-out");
        await fleet.UntilAllHaveAsync(before + result.Acknowledged, TimeSpan.FromSeconds(30), cancel);
        return result;
    }

    private static Report Describe(int rate, int rounds, TimeSpan duration, Dictionary<int, List<FanOutSample>> samples)
    {
        var table = new Table("readers", "deliveries/s", "wanted", "p50 ms", "p99 ms", "slowest ms", "p50 after the answer", "p99 after the answer", "server cores", "others");
        foreach ((int clients, List<FanOutSample> of) in samples)
        {
            double Middle(Func<FanOutSample, double> value) => Statistics.Median(of.Select(value));
            table.Add(
                $"{clients}",
                Figure.Rate(Middle(s => s.PerSecond)),
                Figure.Rate(clients * rate),
                Figure.Ms(Middle(s => s.Delay.PercentileMs(50))),
                Figure.Ms(Middle(s => s.Delay.PercentileMs(99))),
                Figure.Ms(of.Max(s => s.Delay.MaxMs)),
                Figure.Ms(Middle(s => s.AfterAnswer.PercentileMs(50))),
                Figure.Ms(Middle(s => s.AfterAnswer.PercentileMs(99))),
                Figure.Cores(Middle(s => s.ServerCores)),
                Figure.Cores(Middle(s => s.Load.Cpu.OtherCores)));
        }

        var report = new Report("fanout", "Fan-out");
        return samples.Count == 0 ? report : report
            .Add(
                $"Readers of /stream/events while {rate} single traces a second are posted (open loop), PostgreSQL and Redis, "
                + $"everything on; {rounds} rounds of {duration.TotalSeconds:0} s, medians. "
                + $"An event is {samples.Values.SelectMany(s => s).Average(s => s.FrameBytes):0} bytes. Delay runs from the moment the "
                + $"trace was to be sent to the moment a reader has its event, so it holds the commit; \"after the answer\" runs from the sender's answer, which follows the commit. "
                + "Every reader got every event once and in order, or the run would have failed.")
            .Add(table);
    }

    private static async Task<string> HoldIdleAsync(TestBed bed, int count, CancellationToken cancel)
    {
        using ServerProcess server = await StartServerAsync(bed, cancel);
        using var fleet = new SseFleet(_ => server.Port);
        fleet.Start();

        // What the first few cost is the code they run through.
        await fleet.ConnectAsync(50, cancel);
        var plan = new LoadPlan { Ports = [server.Port], Bodies = new TraceBodies(64), Rate = 50, Duration = TimeSpan.FromSeconds(2) };
        await LoadAsync(plan, fleet, cancel);
        long before = CpuMeter.ResidentBytes(server.ProcessId);
        await fleet.ConnectAsync(count - 50, cancel);

        // Longer than a heartbeat, after which every reader still gets what is new.
        await Task.Delay(TimeSpan.FromSeconds(20), cancel);
        long after = CpuMeter.ResidentBytes(server.ProcessId);
        await LoadAsync(plan with { Rate = 5 }, fleet, cancel);
        await fleet.StopAsync();
        BenchFailure.Unless(fleet.Clients.All(c => c.Connections == 1 && c.IsOpen), "an idle connection was lost");
        double each = (after - before) / 1024.0 / (count - 50);
        string said = $"{count:N0} idle connections held for 20 s, then served: {each:0.0} KiB of server "
            + $"memory each (resident {Figure.Mb(before)} MB before, {Figure.Mb(after)} MB after).";
        Console.WriteLine(said);
        return said;
    }

    private static async Task<string> WithDeafReaderAsync(TestBed bed, TimeSpan duration, CancellationToken cancel)
    {
        const int clients = 100;
        const int rate = 500;
        using ServerProcess server = await StartServerAsync(bed, cancel);
        using var fleet = new SseFleet(_ => server.Port, reconnects: true);
        fleet.Start();
        await fleet.ConnectAsync(clients, cancel);
        SseClient deaf = await fleet.AddDeafAsync();
        var plan = new LoadPlan { Ports = [server.Port], Bodies = new TraceBodies(), Rate = rate, Duration = duration };
        await fleet.MeasureAsync(true);
        using var load = new LoadGenerator(plan);
        LoadResult result = (await load.RunAsync(cancel)).Flawless("with a reader that never reads");
        await fleet.UntilAsync(
            () => fleet.Clients.All(c => c == deaf || c.LastId >= result.Acknowledged),
            TimeSpan.FromSeconds(5),
            "the other readers have everything",
            cancel);
        await fleet.MeasureAsync(false);
        BenchFailure.Unless(fleet.Clients.All(c => c.Connections == 1), "a reader that reads lost its connection");
        await fleet.OrderAsync(deaf.Listen);
        await fleet.UntilAllHaveAsync(result.Acknowledged, TimeSpan.FromSeconds(30), cancel);
        await fleet.StopAsync();
        string said = $"Beside a client that reads nothing for {duration.TotalSeconds:0} s, {clients} readers of {rate} events a second: "
            + "p99 "
            + $"{Figure.Ms(fleet.Delay.PercentileMs(99))} ms. "
            + $"When it reads again it gets all {deaf.Events:N0} events over {deaf.Connections} connection(s), none missing.";
        Console.WriteLine(said);
        return said;
    }

    private static async Task<ServerProcess> StartServerAsync(TestBed bed, CancellationToken cancel)
    {
        ServerProcess server = bed.Server("fanout", await bed.NewDatabaseAsync());
        await server.StartAsync(cancel);
        return server;
    }

    /// <param name="AfterAnswer">From the answer to the sender, which goes out right after the commit; 0 for a reader that had the event earlier.</param>
    private sealed record FanOutSample(LoadResult Load, Latencies Delay, Latencies AfterAnswer, long Deliveries, double Seconds, double FrameBytes)
    {
        public double PerSecond => Deliveries / Seconds;

        public double ServerCores => Load.Cpu.Server / Load.Cpu.Elapsed;
    }
}
