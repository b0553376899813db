using LlmEval.Bench.Load;
using LlmEval.Bench.Reports;

namespace LlmEval.Bench.Runs;

/// <summary>What keys, signatures and monitoring cost those who send traces: the same requests with and without, in turns.</summary>
internal static class SecurityRun
{
    /// <summary>What is compared, and the least share of the rate that has to be left.</summary>
    public static readonly IReadOnlyList<(string What, string With, string Without, double Least)> Comparisons =
    [
        ("API key", "postgres-keyed", "postgres", 0.85),
        ("signature, checked and kept against replays", "postgres-signed", "postgres-unchecked", 0.85),
        ("/metrics on and read every second", "postgres-watched", "postgres-unwatched", 0.95),
    ];

    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        IngestVariant[] variants = [.. Comparisons.SelectMany(c => new[] { c.Without, c.With }).Distinct().Select(name => IngestVariant.All.Single(v => v.Name == name))];
        (IngestSettings settings, Dictionary<IngestVariant, List<LoadResult>> measured) = await IngestRun.MeasureAsync(arguments, variants, cancel);
        List<LoadResult> Of(string name) => measured.Single(m => m.Key.Name == name).Value;
        var table = new Table("single traces on PostgreSQL", "with, traces/s", "without, traces/s", "of without", "CPU of without", "others");
        var missed = new List<string>();
        foreach ((string what, string with, string without, double least) in Comparisons)
        {
            double Ratio(Func<LoadResult, double> of) => Statistics.Median(Of(with).Zip(Of(without), (mine, its) => of(mine) / of(its)));
            double rate = Ratio(r => r.TracesPerSecond);
            table.Add(
                what,
                Figure.Rate(Statistics.Median(Of(with).Select(r => r.TracesPerSecond))),
                Figure.Rate(Statistics.Median(Of(without).Select(r => r.TracesPerSecond))),
                Figure.Ratio(rate),
                Figure.Ratio(Ratio(r => r.Cpu.PerTrace(r.Traces))),
                Figure.Cores(Of(with).Concat(Of(without)).Max(r => r.Cpu.OtherCores)));
            if (rate < least)
            {
                missed.Add($"{what}: {Figure.Ratio(rate)} of the rate without it, at least {Figure.Ratio(least)} was to be left");
            }
        }

        new Report("security", "Cost of security and monitoring")
            .Add(
                $"Closed loop, {settings.Connections} connections, text indexer paused; {Of("postgres").Count} alternating rounds of {settings.Duration.TotalSeconds:0} s, "
                + "medians of the ratios within a round. `others` is how many cores other processes took at most: above 0.35 the run is noisy.")
            .Add(table)
            .Publish(arguments);
        BenchFailure.Unless(missed.Count == 0, string.Join("; ", missed));
    }
}
