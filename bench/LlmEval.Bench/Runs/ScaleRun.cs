using System.Diagnostics;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Reports;

namespace LlmEval.Bench.Runs;

/// <summary>A million traces over a month, and how long questions take then.</summary>
internal static class ScaleRun
{
    private const int Days = 30;

    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        long traces = arguments.Number("traces", 1_000_000);
        int judged = arguments.Number("judged", 20_000);
        int repeats = arguments.Number("repeats", 200);
        int openings = arguments.Number("openings", 20);
        bool sqlite = arguments.Has("sqlite");
        arguments.Has("write");
        await using TestBed bed = await TestBed.StartAsync(arguments, big: true, redis: false, cancel);
        arguments.RefuseUnknown();

        string database = await bed.NewDatabaseAsync();
        string name = $"scale-{database}";
        using ServerProcess server = sqlite ? bed.SqliteServer(name) : bed.Server(name, database);
        await server.StartAsync(cancel);
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(2) };
        DateTime begin = DateTime.UtcNow.Date.AddDays(-Days);
        var fill = new ScaleFill(server, http, begin, Days);
        LoadResult filled = await fill.TracesAsync(traces, sqlite ? null : bed.Postgres.ProcessId, cancel);
        Console.WriteLine($"{traces:N0} traces at {filled.TracesPerSecond:N0}/s, others {filled.Cpu.OtherCores:0.00}");
        TimeSpan indexed = await UntilIndexedAsync(http, cancel);
        Console.WriteLine($"text index complete {indexed.TotalSeconds:0} s later");
        await fill.JudgeAsync(judged, cancel);
        if (!sqlite)
        {
            // Autovacuum would come to it within minutes; not in the middle of a measurement.
            await bed.Postgres.ExecuteAsync(database, "VACUUM ANALYZE");
        }

        var timings = new List<ScaleQueries.Timing>(await new ScaleQueries(http, begin, Days, repeats).RunAsync(cancel));
        await server.StopAsync(TimeSpan.FromSeconds(20));
        IReadOnlyList<ScaleQueries.Timing> pages = openings == 0 ? [] : await TimePagesAsync(bed, sqlite ? null : database, name, openings, cancel);
        (Latencies together, Latencies byModel) =
            await SeriesQueries.TimeAsync(sqlite ? null : bed.Postgres.Url(database), server.DataFolder, begin, Days, repeats, cancel);
        timings.Insert(1, new ScaleQueries.Timing("time series, 30 days by hour", "read in process", together, 0));
        timings.Insert(2, new ScaleQueries.Timing("time series, 30 days by hour and model", "read in process", byModel, 0));
        Describe(sqlite, traces, judged, repeats, filled, indexed, timings, pages).Publish(arguments);
    }

    /// <summary>By a server of its own on the same database: one that shows pages from the build.</summary>
    private static async Task<IReadOnlyList<ScaleQueries.Timing>> TimePagesAsync(TestBed bed, string? database, string name, int openings, CancellationToken cancel)
    {
        using ServerProcess server = bed.With(name, database, []);
        await server.StartAsync(cancel);
        using var http = new HttpClient { BaseAddress = server.Url };
        using var newest = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync(new Uri("/api/traces?limit=1", UriKind.Relative), cancel));
        string traceId = newest.RootElement.GetProperty("items")[0].GetProperty("trace_id").GetString()!;
        IReadOnlyList<ScaleQueries.Timing> pages = await ScalePages.TimeAsync(server.Url, traceId, openings, cancel);
        await server.StopAsync(TimeSpan.FromSeconds(20));
        return pages;
    }

    /// <summary>Waits until the last rare word is found.</summary>
    private static async Task<TimeSpan> UntilIndexedAsync(HttpClient http, CancellationToken cancel)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            var path = new Uri($"/api/traces?limit={ScaleFill.RareTraces}&q={TraceBodies.RareWord}", UriKind.Relative);
            string list = await http.GetStringAsync(path, cancel);
            using var found = System.Text.Json.JsonDocument.Parse(list);
            if (found.RootElement.GetProperty("items").GetArrayLength() == ScaleFill.RareTraces)
            {
                return Stopwatch.GetElapsedTime(began);
            }

            BenchFailure.Unless(
                Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(30),
                "the text index is not complete after 30 minutes");
            await Task.Delay(500, cancel);
        }
    }

    private static Report Describe(
        bool sqlite, long traces, int judged, int repeats, LoadResult filled, TimeSpan indexed, IReadOnlyList<ScaleQueries.Timing> timings,
        IReadOnlyList<ScaleQueries.Timing> pages)
    {
        var table = new Table("question", "asked as", "rows", "p50 ms", "p95 ms", "slowest ms");
        foreach (ScaleQueries.Timing timing in timings.Concat(pages))
        {
            table.Add(
                timing.Name,
                timing.Says,
                timing.Rows == 0 ? Figure.None : $"{timing.Rows}",
                Figure.Ms(timing.Times.PercentileMs(50)),
                Figure.Ms(timing.Times.PercentileMs(95)),
                timing.Times.Count == 0 ? Figure.None : Figure.Ms(timing.Times.MaxMs));
        }

        return new Report(sqlite ? "scale-sqlite" : "scale", sqlite ? "Scale, SQLite" : "Scale, PostgreSQL")
            .Add(
                $"{traces:N0} traces over {Days} days and {TraceBodies.Models.Count} models, {judged:N0} of them judged. Filled through "
                + $"the batch webhook at {Figure.Rate(filled.TracesPerSecond)} traces/s "
                + $"with the text indexer running, which was done {indexed.TotalSeconds:0} s after the last trace; other processes took "
                + $"{Figure.Cores(filled.Cpu.OtherCores)} cores. "
                + $"Then each question up to {repeats} times, one after another, over HTTP, warm."
            + (pages.Count == 0 ? "" : $" Pages: {pages[0].Times.Count} times each in Chromium, in turn and warm, from the address to the frame that shows what the page is about."))
            .Add(table);
    }
}
