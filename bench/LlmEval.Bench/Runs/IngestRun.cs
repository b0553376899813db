using LlmEval.Bench.Load;
using LlmEval.Bench.Reports;

namespace LlmEval.Bench.Runs;

/// <summary>How many traces a second, beside what the same machine can do without us. All variants take turns, round by round.</summary>
internal static class IngestRun
{
    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        string[]? only = arguments.Text("only")?.Split(',');
        IngestVariant[] variants =
            [.. IngestVariant.All.Where(v => only?.Contains(v.Name) ?? !SecurityRun.Comparisons.Any(c => v.Name == c.With || v.Name == c.Without) || v.Name == "postgres")];
        (IngestSettings settings, Dictionary<IngestVariant, List<LoadResult>> measured) = await MeasureAsync(arguments, variants, cancel);
        Describe(settings, measured).Publish(arguments);
    }

    /// <summary>All variants take turns, round by round.</summary>
    public static async Task<(IngestSettings Settings, Dictionary<IngestVariant, List<LoadResult>> Measured)> MeasureAsync(
        Arguments arguments, IReadOnlyList<IngestVariant> variants, CancellationToken cancel)
    {
        int rounds = arguments.Number("rounds", 5);
        var settings = new IngestSettings(
            new TraceBodies(),
            arguments.Number("connections", 64),
            arguments.Number("batch-connections", 16),
            arguments.Seconds("warmup", 3),
            arguments.Seconds("seconds", 8));
        arguments.Has("write");
        await using TestBed bed = await TestBed.StartAsync(arguments, big: true, redis: arguments.Has("redis"), cancel);
        arguments.RefuseUnknown();

        var measured = variants.ToDictionary(v => v, _ => new List<LoadResult>());
        for (int round = 1; round <= rounds; round++)
        {
            foreach (IngestVariant variant in variants)
            {
                LoadResult result = await variant.MeasureAsync(bed, settings, cancel);
                measured[variant].Add(result);
                Console.WriteLine(
                    $"round {round}/{rounds} {variant.Name,-17} {result.TracesPerSecond,9:N0}/s  p50 "
                    + $"{result.Latency.PercentileMs(50),6:0.00}  "
                    + $"p99 {result.Latency.PercentileMs(99),6:0.00} ms  cpu {result.Cpu.ServerPerTrace(result.Traces),4:0} + "
                    + $"{result.Cpu.DatabasePerTrace(result.Traces),3:0} µs  others {result.Cpu.OtherCores:0.00}");
            }
        }

        return (settings, measured);
    }

    private static Report Describe(IngestSettings settings, Dictionary<IngestVariant, List<LoadResult>> measured)
    {
        int rounds = measured.Values.First().Count;
        var report = new Report("ingest", "Ingest");
        report.Add(
            $"Closed loop, {settings.Connections} connections for single traces, {settings.BatchConnections} for batches of 100; bodies "
            + $"of {settings.Bodies.MeanLength:0} bytes on average; "
            + $"{rounds} alternating rounds of {settings.Duration.TotalSeconds:0} s after a warm-up of {settings.WarmUp.TotalSeconds:0} "
            + $"to {5 * settings.WarmUp.TotalSeconds:0} s, each on a fresh server and an empty database; medians. "
            + "PostgreSQL with fsync, synchronous_commit and full_page_writes on. `of` divides by the baseline of the same round. "
            + "`others` is how many cores other processes took, median and most: above 0.35 the run is noisy.");
        foreach (bool batches in new[] { false, true })
        {
            var table = new Table(
                batches ? "batches of 100" : "single traces",
                "traces/s",
                batches ? "of copy" : "of bare",
                "p50 ms",
                "p99 ms",
                "p99 of bare",
                "server CPU µs/trace",
                "database CPU µs/trace",
                "CPU of bare",
                "memory MB",
                "others");
            foreach ((IngestVariant variant, List<LoadResult> results) in measured.Where(m => m.Key.BatchSize != 1 == batches))
            {
                List<LoadResult>? bare = measured.FirstOrDefault(m => m.Key.Name == variant.Baseline).Value;
                double Ratio(Func<LoadResult, double> of) =>
                    bare is null ? double.NaN : Statistics.Median(results.Zip(bare, (mine, its) => of(mine) / of(its)));
                double Middle(Func<LoadResult, double> of) => Statistics.Median(results.Select(of));
                table.Add(
                    $"{variant.Name}: {variant.Says}",
                    Figure.Rate(Middle(r => r.TracesPerSecond)),
                    Figure.Ratio(Ratio(r => r.TracesPerSecond)),
                    Figure.Ms(Middle(r => r.Latency.PercentileMs(50))),
                    Figure.Ms(Middle(r => r.Latency.PercentileMs(99))),
                    batches ? Figure.None : Figure.Ratio(Ratio(r => r.Latency.PercentileMs(99))),
                    Figure.Micros(Middle(r => r.Cpu.ServerPerTrace(r.Traces))),
                    Figure.Micros(Middle(r => r.Cpu.DatabasePerTrace(r.Traces))),
                    batches ? Figure.None : Figure.Ratio(Ratio(r => r.Cpu.PerTrace(r.Traces))),
                    results[0].ServerBytes == 0 ? Figure.None : Figure.Mb(Middle(r => r.ServerBytes)),
                    $"{Figure.Cores(Middle(r => r.Cpu.OtherCores))} / {Figure.Cores(results.Max(r => r.Cpu.OtherCores))}");
            }

            report.Add(table);
        }

        AddComparisons(report, measured);
        return report;
    }

    private static void AddComparisons(Report report, Dictionary<IngestVariant, List<LoadResult>> measured)
    {
        List<LoadResult>? Of(string name) => measured.FirstOrDefault(m => m.Key.Name == name).Value;
        var lines = new List<string>();
        void Compare(string text, string one, string other)
        {
            if (Of(one) is { } mine && Of(other) is { } its)
            {
                lines.Add($"- {text}: {Figure.Ratio(Statistics.Median(mine.Zip(its, (a, b) => a.TracesPerSecond / b.TracesPerSecond)))}");
            }
        }

        Compare("PostgreSQL, single traces, as a multiple of EF Core's SaveChanges per request", "postgres", "ef");
        Compare("SQLite of PostgreSQL, single traces", "sqlite", "postgres");
        Compare("SQLite of PostgreSQL, batches", "sqlite-batch", "postgres-batch");
        if (Of("postgres-indexed") is { } indexed)
        {
            double behind = Statistics.Median(indexed.Select(r => (double)(r.IndexLag ?? 0)));
            lines.Add($"- Text indexer at the end of its runs: {Figure.Rate(behind)} events behind (median)");
        }

        if (lines.Count > 0)
        {
            report.Add(string.Join('\n', lines));
        }
    }
}
