using System.Globalization;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Net;
using LlmEval.Bench.Reports;
using Microsoft.Playwright;

namespace LlmEval.Bench.Runs;

/// <summary>What an open page costs its browser and its socket while traces come.</summary>
internal static class TabsRun
{
    private static readonly (string Name, string Path)[] Pages = [("overview", "/?range=15m"), ("traces", "/traces"), ("review", "/review")];

    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        int rate = arguments.Number("rate", 50);
        int rounds = arguments.Number("rounds", 3);
        TimeSpan duration = arguments.Seconds("seconds", 10);
        arguments.Has("write");
        await using TestBed bed = await TestBed.StartAsync(arguments, big: true, redis: true, cancel);
        arguments.RefuseUnknown();
        await using Chromium chromium = await Chromium.StartAsync();

        var samples = Pages.ToDictionary(p => p.Name, _ => new List<(TabUse Tab, double Bytes)>());
        using ServerProcess server = bed.Server("tabs", await bed.NewDatabaseAsync());
        await server.StartAsync(cancel);
        var plan = new LoadPlan { Ports = [server.Port], Bodies = new TraceBodies(), Rate = rate, Duration = TimeSpan.FromSeconds(4) };
        await PostAsync(plan, cancel);
        using var proxy = new CountingProxy(server.Port);
        for (int round = 1; round <= rounds; round++)
        {
            foreach ((string name, string path) in Pages)
            {
                IPage page = await chromium.OpenAsync(new Uri(proxy.Url, path));
                await PostAsync(plan, cancel);
                MainThread thread = await MainThread.WatchAsync(page);
                await thread.StartAsync();
                long before = proxy.Sent;
                await PostAsync(plan with { Duration = duration }, cancel);
                TabUse use = await thread.StopAsync();
                double bytes = (proxy.Sent - before) / use.Seconds;
                await page.CloseAsync();
                samples[name].Add((use, bytes));
                Console.WriteLine(
                    $"round {round}/{rounds} {name,-9} main thread {use.Busy:0.0%} (scripts {use.Script:0.0%}), socket {bytes / 1e3:0.0} KB/s");
            }
        }

        var table = new Table("page", "main thread", "of it in scripts", "socket KB/s");
        foreach ((string name, List<(TabUse Tab, double Bytes)> of) in samples)
        {
            table.Add(
                name,
                Percent(Statistics.Median(of.Select(u => u.Tab.Busy))),
                Percent(Statistics.Median(of.Select(u => u.Tab.Script))),
                (Statistics.Median(of.Select(u => u.Bytes)) / 1e3).ToString("0.0", CultureInfo.InvariantCulture));
        }

        new Report("tabs", "Open pages")
            .Add(
                $"One tab of Chromium, 1440 × 900, while {rate} single traces a second are posted (open loop), PostgreSQL and Redis, everything on; "
                + $"{rounds} rounds of {duration.TotalSeconds:0} s for each page, medians. Without a graphics card: the same thread "
                + "paints. What the server sends is counted on its way, as the socket compresses it.")
            .Add(table)
            .Publish(arguments);
    }

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static async Task PostAsync(LoadPlan plan, CancellationToken cancel)
    {
        using var load = new LoadGenerator(plan);
        (await load.RunAsync(cancel)).Flawless("tabs");
    }
}
