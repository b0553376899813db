using LlmEval.Bench.Ledgers;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Reports;

namespace LlmEval.Bench.Runs;

/// <summary>The load generator by itself, against a server on this machine that somebody else started.</summary>
internal static class LoadRun
{
    public static async Task RunAsync(Arguments arguments, CancellationToken cancel)
    {
        string? ledgerPath = arguments.Text("ledger");
        using Ledger? ledger = ledgerPath is null ? null : new Ledger(ledgerPath);
        var plan = new LoadPlan
        {
            Ports = [arguments.Number("port", 8000)],
            Bodies = new TraceBodies(),
            Connections = arguments.Number("connections", 64),
            BatchSize = arguments.Number("batch", 1),
            Rate = arguments.Has("rate") ? arguments.Number("rate", 0) : null,
            WarmUp = arguments.Seconds("warmup", 0),
            Duration = arguments.Seconds("seconds", 10),
            Retry = arguments.Has("retry"),
            Ledger = ledger,
            Meter = new CpuMeter([], null),
        };
        arguments.RefuseUnknown();
        using var load = new LoadGenerator(plan);
        LoadResult result = await load.RunAsync(cancel);
        Console.WriteLine(
            $"{result.TracesPerSecond:N0} traces/s, p50 {Figure.Ms(result.Latency.PercentileMs(50))} ms, p99 "
            + $"{Figure.Ms(result.Latency.PercentileMs(99))} ms, "
            + $"slowest {Figure.Ms(result.Latency.MaxMs)} ms; answers {result.StatusText}; this program took "
            + $"{Figure.Cores(result.Cpu.Load / result.Cpu.Elapsed)} cores");
        result.Flawless("load");
    }
}
