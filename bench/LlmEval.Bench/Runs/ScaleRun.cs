namespace LlmEval.Bench.Runs;

internal static class ScaleRun
{
    public static Task RunAsync(Arguments arguments, CancellationToken cancel) => throw new BenchFailure("not yet");
}
