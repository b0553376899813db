using System.Diagnostics;
using System.Text.Json;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using Microsoft.Playwright;

namespace LlmEval.Bench.Runs;

/// <summary>
/// How long the pages of a big database take to open in a browser, from the address to the frame that shows what they are about. The
/// browser itself takes the time: whoever asks it from outside learns of it up to half a second later.
/// </summary>
internal static class ScalePages
{
    private const string Rows = "tr[data-trace]";

    /// <summary>The first has the browser fetch and keep the files; for the others the server is still compiling what it just began to use.</summary>
    private const int WarmUps = 4;

    /// <param name="Shown">What is on the page once it shows what was asked for.</param>
    private sealed record Opening(string Name, string Path, string Shown);

    public static async Task<IReadOnlyList<ScaleQueries.Timing>> TimeAsync(Uri server, string traceId, int repeats, CancellationToken cancel)
    {
        Opening[] openings =
        [
            new("overview, 24 hours, figures", "/", ".kpi .value"),
            new("overview, 24 hours, first chart", "/", ".chart svg .apexcharts-series path"),
            new("overview, 30 days, figures", "/?range=30d", ".kpi .value"),
            new("overview, 30 days, first chart", "/?range=30d", ".chart svg .apexcharts-series path"),
            new("traces", "/traces", Rows),
            new("traces, by model and status", $"/traces?model_name={TraceBodies.Models[7]}&status=rejected", Rows),
            new("traces, text", $"/traces?q={TraceBodies.CommonWord}", Rows),
            new("one trace", $"/trace?trace_id={Uri.EscapeDataString(traceId)}", ".conversation"),
            new("review", "/review", ".review[data-current]"),
            new("settings", "/settings", "main h1"),
        ];
        await using Chromium chromium = await Chromium.StartAsync();
        await using IBrowserContext person = await chromium.NewProfileAsync();
        ScaleQueries.Timing[] timings = [.. openings.Select(o => new ScaleQueries.Timing($"page: {o.Name}", o.Path, new Latencies(), 0))];
        for (int round = -WarmUps; round < repeats; round++)
        {
            for (int i = 0; i < openings.Length; i++)
            {
                double shownAt = await OpenAsync(person, server, openings[i], cancel);
                if (round >= 0)
                {
                    timings[i].Times.Add((long)(shownAt / 1_000 * Stopwatch.Frequency));
                }
            }
        }

        foreach (ScaleQueries.Timing timing in timings)
        {
            Console.WriteLine($"{timing.Name}: p50 {timing.Times.PercentileMs(50):0}, p95 {timing.Times.PercentileMs(95):0} ms");
        }

        return timings;
    }

    private static async Task<double> OpenAsync(IBrowserContext person, Uri server, Opening opening, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        IPage page = await person.NewPageAsync();
        await page.AddInitScriptAsync(Watch(opening.Shown));
        await page.GotoAsync(new Uri(server, opening.Path).AbsoluteUri, new() { WaitUntil = WaitUntilState.Commit });
        double shownAt = await page.EvaluateAsync<double>("() => globalThis.shown").WaitAsync(TimeSpan.FromSeconds(30), cancel);

        // Nobody opens a page while the one before is still being drawn.
        await page.EvaluateAsync("() => new Promise(done => requestIdleCallback(done))");
        await page.CloseAsync();
        return shownAt;
    }

    /// <summary>Notes when it is shown, in milliseconds since the browser set out for the page.</summary>
    private static string Watch(string selector) => $$"""
        globalThis.shown = new Promise(done => new MutationObserver((_, watch) => {
          if (!document.querySelector({{JsonSerializer.Serialize(selector)}})) return;
          watch.disconnect();
          requestAnimationFrame(done);
        }).observe(document, { subtree: true, childList: true, attributes: true }));
        """;
}
