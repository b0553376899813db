using System.Diagnostics;
using System.Globalization;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Reports;
using LlmEval.Bench.Streams;
using Microsoft.Playwright;

namespace LlmEval.Bench.Runs;

/// <summary>How long a reviewer waits: from the key of a verdict to the next trace, and until the verdict is stored.</summary>
internal static class KeysRun
{
    // From the key to the frame that shows another trace; and when the panel of that one listens.
    private const string Watch =
        """
        () => {
          const page = document.querySelector('.review');
          window.verdicts = [];
          let pressed = 0;
          addEventListener('keydown', () => { pressed = performance.now(); }, true);
          new MutationObserver(() => {
            const from = pressed;
            requestAnimationFrame(() => window.verdicts.push(performance.now() - from));
          }).observe(page, { attributeFilter: ['data-current'] });
        }
        """;

    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        int verdicts = arguments.Number("verdicts", 100);
        int rounds = arguments.Number("rounds", 3);
        arguments.Has("write");
        await using TestBed bed = await TestBed.StartAsync(arguments, big: true, redis: true, cancel);
        arguments.RefuseUnknown();
        await using Chromium chromium = await Chromium.StartAsync();

        var shown = new List<Latencies>();
        var stored = new List<Latencies>();
        for (int round = 1; round <= rounds; round++)
        {
            using ServerProcess server = bed.Server($"keys-{round}", await bed.NewDatabaseAsync());
            await server.StartAsync(cancel);
            using (var load = new LoadGenerator(new LoadPlan { Ports = [server.Port], Bodies = new TraceBodies(), Traces = verdicts + 30 }))
            {
                (await load.RunAsync(cancel)).Flawless("keys");
            }

            (Latencies next, Latencies saved) = await MeasureAsync(server, chromium, verdicts, cancel);
            shown.Add(next);
            stored.Add(saved);
            Console.WriteLine(
                $"round {round}/{rounds} next trace p50 {next.PercentileMs(50):0} p95 {next.PercentileMs(95):0} slowest {next.MaxMs:0} ms, "
                + $"stored p50 {saved.PercentileMs(50):0} p95 {saved.PercentileMs(95):0} slowest {saved.MaxMs:0} ms");
        }

        var table = new Table("from the key", "p50 ms", "p95 ms", "slowest ms");
        Row("to the frame that shows the next trace", shown);
        Row("to the event that says that it is stored", stored);
        new Report("keys", "Verdicts by key")
            .Add(
                $"The review page in Chromium, 1440 × 900, PostgreSQL and Redis, everything on: {verdicts} traces accepted one after the other, each as soon as "
                + $"it is shown and the one after it is ready; {rounds} rounds, medians. The event comes by a stream to this program, so that it holds a way more than the verdict takes.")
            .Add(table)
            .Publish(arguments);

        void Row(string name, List<Latencies> of) => table.Add(
            name,
            Figure.Ms(Statistics.Median(of.Select(l => l.PercentileMs(50)))),
            Figure.Ms(Statistics.Median(of.Select(l => l.PercentileMs(95)))),
            Figure.Ms(of.Max(l => l.MaxMs)));
    }

    private static async Task<(Latencies Shown, Latencies Stored)> MeasureAsync(ServerProcess server, Chromium chromium, int verdicts, CancellationToken cancel)
    {
        IPage page = await chromium.OpenAsync(new Uri(server.Url, "/review"));
        using var fleet = new SseFleet(_ => server.Port);
        fleet.Start();
        await fleet.ConnectAsync(1, cancel);
        long events = fleet.Clients[0].LastId;
        await ReadyAsync(page, "");
        await page.EvaluateAsync(Watch);
        var stored = new Latencies();
        for (int i = 0; i < verdicts; i++)
        {
            string current = await page.Locator(".review").GetAttributeAsync("data-current") ?? "";
            long pressed = Stopwatch.GetTimestamp();
            await page.Keyboard.PressAsync("a");
            await fleet.UntilAllHaveAsync(++events, TimeSpan.FromSeconds(10), cancel);
            stored.Add(Stopwatch.GetTimestamp() - pressed);
            await ReadyAsync(page, current);
        }

        double[] took = await page.EvaluateAsync<double[]>("() => window.verdicts");
        BenchFailure.Unless(took.Length == verdicts, $"of {verdicts} verdicts the page showed {took.Length.ToString(CultureInfo.InvariantCulture)} next traces");
        var shown = new Latencies();
        foreach (double ms in took)
        {
            shown.Add((long)(ms / 1_000 * Stopwatch.Frequency));
        }

        await fleet.StopAsync();
        await page.CloseAsync();
        return (shown, stored);
    }

    /// <summary>Until another trace is shown, its panel is there, and the one after it waits behind it.</summary>
    private static async Task ReadyAsync(IPage page, string before)
    {
        ILocator review = page.Locator(".review[data-current]");
        await Assertions.Expect(review).Not.ToHaveAttributeAsync("data-current", before);
        await Assertions.Expect(page.Locator("[data-pane]")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("form.judge")).ToHaveAttributeAsync("data-trace", await review.GetAttributeAsync("data-current") ?? "");
    }
}
