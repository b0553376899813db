using LlmEval.Bench.Circuits;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Reports;

namespace LlmEval.Bench.Runs;

/// <summary>Many watchers at once: what each costs the server, and what all of them cost those who send traces.</summary>
internal static class CircuitsRun
{
    private static readonly string[] Pages = ["/?range=15m", "/traces"];

    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        int watchers = arguments.Number("circuits", 100);
        int tabs = arguments.Number("tabs", 3);
        int rate = arguments.Number("rate", 50);
        int rounds = arguments.Number("rounds", 3);
        TimeSpan duration = arguments.Seconds("seconds", 15);
        arguments.Has("write");
        await using TestBed bed = await TestBed.StartAsync(arguments, big: true, redis: true, cancel);
        arguments.RefuseUnknown();

        var alone = new List<LoadResult>();
        var watched = new List<LoadResult>();
        var bytes = new List<double>();
        var most = new List<double>();
        var traffic = new List<double>();
        var batches = new List<double>();
        for (int round = 1; round <= rounds; round++)
        {
            using ServerProcess server = bed.Server($"circuits-{round}", await bed.NewDatabaseAsync());
            await server.StartAsync(cancel);
            var plan = new LoadPlan { Ports = [server.Port], Bodies = new TraceBodies(), Rate = rate, Duration = TimeSpan.FromSeconds(4) };
            await PostAsync(plan, cancel);
            using var http = new HttpClient();
            await using var warm = new Crowd();
            await warm.OpenAsync(http, server.Url, Pages, 6, cancel);
            LoadPlan measured = plan with { Duration = duration, Meter = new CpuMeter([server.ProcessId], bed.Postgres.ProcessId) };
            Task<LoadResult> quiet = PostAsync(measured, cancel);
            Residence before = await Residence.DuringAsync(server.ProcessId, quiet);
            alone.Add(await quiet);

            await using var crowd = new Crowd();
            await crowd.OpenAsync(http, server.Url, Pages, watchers - tabs - 6, cancel);

            // One for each round: tabs of the round before would go on asking for their server.
            await using Chromium? chromium = tabs == 0 ? null : await Chromium.StartAsync();
            for (int i = 0; i < tabs; i++)
            {
                await chromium!.OpenAsync(new Uri(server.Url, Pages[i % Pages.Length]));
            }

            await PostAsync(plan, cancel);
            (long taken, long received) = crowd.Totals;
            Task<LoadResult> busy = PostAsync(measured, cancel);
            Residence during = await Residence.DuringAsync(server.ProcessId, busy);
            watched.Add(await busy);
            (long takenAfter, long receivedAfter) = crowd.Totals;
            crowd.Flawless();
            bytes.Add((during.Mean - before.Mean) / (watchers - 6));
            most.Add((during.Most - before.Mean) / (watchers - 6));
            traffic.Add((receivedAfter - received) / duration.TotalSeconds / crowd.Count);
            batches.Add((takenAfter - taken) / duration.TotalSeconds / crowd.Count);
            Console.WriteLine(
                $"round {round}/{rounds} p99 {alone[^1].Latency.PercentileMs(99):0.0} ms alone, {watched[^1].Latency.PercentileMs(99):0.0} ms watched by {watchers}; "
                + $"{bytes[^1] / 1e6:0.00} MB (most {most[^1] / 1e6:0.00}), {traffic[^1] / 1e3:0.0} KB/s and {batches[^1]:0.0} batches/s each; server {Cores(watched[^1]):0.00} cores, "
                + $"others {watched[^1].Cpu.OtherCores:0.00}");
        }

        var table = new Table("circuits", "request to answer p50 ms", "p99 ms", "server cores", "others");
        Row("6, of bare clients", alone);
        Row($"{watchers}", watched);
        new Report("circuits", "Circuits")
            .Add(
                $"{rate} single traces a second (open loop), PostgreSQL and Redis, everything on, while {watchers} circuits watch the overview and the list of "
                + $"traces, half each: {tabs} tabs of Chromium, the others bare SignalR clients that open the page, acknowledge every render batch and answer "
                + $"calls of scripts; {rounds} rounds of {duration.TotalSeconds:0} s, medians. The clients, the browser and the load share the machine's cores.")
            .Add(table)
            .Add(
                $"A circuit takes {Statistics.Median(bytes) / 1e6:0.00} MB of the server's resident memory on average over those seconds, {Statistics.Median(most) / 1e6:0.00} MB "
                + $"when it is most (what grew, whatever the collector could have freed), and is sent {Statistics.Median(traffic) / 1e3:0.0} KB/s in {Statistics.Median(batches):0.0} render batches a second.")
            .Publish(arguments);

        void Row(string name, List<LoadResult> of) => table.Add(
            name,
            Figure.Ms(Statistics.Median(of.Select(r => r.Latency.PercentileMs(50)))),
            Figure.Ms(Statistics.Median(of.Select(r => r.Latency.PercentileMs(99)))),
            Figure.Cores(Statistics.Median(of.Select(Cores))),
            Figure.Cores(Statistics.Median(of.Select(r => r.Cpu.OtherCores))));
    }

    private static double Cores(LoadResult result) => result.Cpu.Server / result.Cpu.Elapsed;

    private static async Task<LoadResult> PostAsync(LoadPlan plan, CancellationToken cancel)
    {
        using var load = new LoadGenerator(plan);
        return (await load.RunAsync(cancel)).Flawless("circuits");
    }

    private sealed class Crowd : IAsyncDisposable
    {
        private readonly List<BareCircuit> _circuits = [];

        public int Count => _circuits.Count;

        public (long Batches, long Bytes) Totals => (_circuits.Sum(c => c.Batches), _circuits.Sum(c => c.Bytes));

        public async Task OpenAsync(HttpClient http, Uri server, string[] pages, int count, CancellationToken cancel)
        {
            for (int i = 0; i < count; i++)
            {
                _circuits.Add(await BareCircuit.OpenAsync(http, server, pages[i % pages.Length], cancel));
            }
        }

        public void Flawless() => _circuits.ForEach(c => c.Flawless());

        public async ValueTask DisposeAsync()
        {
            foreach (BareCircuit circuit in _circuits)
            {
                await circuit.DisposeAsync();
            }
        }
    }
}
