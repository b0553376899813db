using System.Diagnostics;
using System.Globalization;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Reports;
using Microsoft.Playwright;

namespace LlmEval.Bench.Runs;

/// <summary>How long a trace takes from its sender to its row on the live page of a browser.</summary>
internal static class PageRun
{
    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        int[] rates = [.. (arguments.Text("rates") ?? "50,500").Split(',').Select(r => int.Parse(r, CultureInfo.InvariantCulture))];
        int rounds = arguments.Number("rounds", 3);
        TimeSpan duration = arguments.Seconds("seconds", 10);
        arguments.Has("write");
        await using TestBed bed = await TestBed.StartAsync(arguments, big: true, redis: true, cancel);
        arguments.RefuseUnknown();
        await using Chromium chromium = await Chromium.StartAsync();

        var table = new Table("traces/s", "p50 ms", "p95 ms", "slowest ms", "changes of the page/s", "server cores", "others, the browser among them");
        foreach (int rate in rates)
        {
            var samples = new List<Sample>();
            for (int round = 1; round <= rounds; round++)
            {
                string database = await bed.NewDatabaseAsync();
                using ServerProcess server = bed.Server($"page-{rate}-{round}", database);
                await server.StartAsync(cancel);
                Sample sample = await MeasureAsync(server, chromium, bed.Postgres.ProcessId, rate, duration, cancel);
                samples.Add(sample);
                Console.WriteLine(
                    $"{rate}/s round {round}/{rounds}  p50 {sample.Row.PercentileMs(50):0} p95 {sample.Row.PercentileMs(95):0} slowest {sample.Row.MaxMs:0} ms  "
                    + $"{sample.ChangesPerSecond:0.0} changes/s  others {sample.Cpu.OtherCores:0.00}");
            }

            table.Add(
                $"{rate}",
                Figure.Ms(Statistics.Median(samples.Select(s => s.Row.PercentileMs(50)))),
                Figure.Ms(Statistics.Median(samples.Select(s => s.Row.PercentileMs(95)))),
                Figure.Ms(samples.Max(s => s.Row.MaxMs)),
                samples.Average(s => s.ChangesPerSecond).ToString("0.0", CultureInfo.InvariantCulture),
                Figure.Cores(Statistics.Median(samples.Select(s => s.Cpu.Server / s.Cpu.Elapsed))),
                Figure.Cores(Statistics.Median(samples.Select(s => s.Cpu.OtherCores))));
        }

        new Report("page", "Live page")
            .Add(
                $"Single traces posted at a fixed rate (open loop), PostgreSQL and Redis, everything on, and the list of traces open in Chromium, 1440 × 900; "
                + $"{rounds} rounds of {duration.TotalSeconds:0} s after a warm-up of {WarmUp.TotalSeconds:0} s, medians. The delay runs from the moment a trace was "
                + "to be sent to the frame that shows its row, or the row of a later one: at high rates most rows are pushed out of sight at once.")
            .Add(table)
            .Publish(arguments);
    }

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);

    private static async Task<Sample> MeasureAsync(
        ServerProcess server, Chromium chromium, int postmaster, int rate, TimeSpan duration, CancellationToken cancel)
    {
        IPage page = await chromium.OpenAsync(new Uri(server.Url, "/traces"));
        var plan = new LoadPlan { Ports = [server.Port], Bodies = new TraceBodies(), Rate = rate, Duration = WarmUp };
        using (var warmUp = new LoadGenerator(plan))
        {
            (await warmUp.RunAsync(cancel)).Flawless("warm-up");
        }

        var shown = await ShownRows.WatchAsync(page);
        using var load = new LoadGenerator(plan with { Duration = duration, Meter = new CpuMeter([server.ProcessId], postmaster) });
        long began = Stopwatch.GetTimestamp();
        LoadResult result = (await load.RunAsync(cancel)).Flawless("page");

        // The last ones are on their way.
        await Task.Delay(TimeSpan.FromSeconds(2), cancel);
        (Latencies row, int changes) = await shown.DelaysAsync(began, rate, result.Acknowledged);
        await page.CloseAsync();
        return new Sample(row, changes / result.Seconds, result.Cpu);
    }

    private sealed record Sample(Latencies Row, double ChangesPerSecond, CpuUse Cpu);
}
