using System.Runtime.InteropServices;
using LlmEval.Bench;
using LlmEval.Bench.Baselines;
using LlmEval.Bench.Drills;
using LlmEval.Bench.Runs;

Dictionary<string, Func<Arguments, CancellationToken, Task>> commands = new()
{
    ["load"] = LoadRun.RunAsync,
    ["ingest"] = IngestRun.RunAsync,
    ["security"] = SecurityRun.RunAsync,
    ["page"] = PageRun.RunAsync,
    ["tabs"] = TabsRun.RunAsync,
    ["keys"] = KeysRun.RunAsync,
    ["circuits"] = CircuitsRun.RunAsync,
    ["fanout"] = FanOutRun.RunAsync,
    ["delay"] = DelayRun.RunAsync,
    ["scale"] = ScaleRun.RunAsync,
    ["real"] = RealRun.RunAsync,
    ["looks"] = LooksRun.RunAsync,
    ["replicas"] = ReplicasRun.RunAsync,
    ["drill"] = Drill.RunAsync,
    ["serve-bare"] = (a, cancel) => BaselineServer.RunAsync(a.Text("urls")!, store: null, cancel),
    ["serve-ef"] = (a, cancel) => BaselineServer.RunAsync(a.Text("urls")!, EfTraces.Writer(a.Text("database")!), cancel),
};

if (args.Length == 0 || !commands.TryGetValue(args[0], out Func<Arguments, CancellationToken, Task>? command))
{
    IEnumerable<string> names = commands.Keys.Where(c => !c.StartsWith("serve-", StringComparison.Ordinal));
    Console.Error.WriteLine($"usage: LlmEval.Bench <{string.Join('|', names)}> [options]; see bench/README.md");
    return 2;
}

// Databases and servers are to be put away whatever ends the run.
using var stopping = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    await command(new Arguments(args[1..]), stopping.Token);
    return 0;
}
catch (BenchFailure failure)
{
    Console.Error.WriteLine($"FAILED: {failure.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("stopped");
    return 130;
}
