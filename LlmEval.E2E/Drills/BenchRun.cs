using System.Diagnostics;
using System.Reflection;

namespace LlmEval.E2E.Drills;

/// <summary>Runs a command of <c>bench/</c> as a process of its own.</summary>
internal static class BenchRun
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Fails when it says that a promise was broken.</summary>
    public static async Task SucceedsAsync(string command, ITestOutputHelper output)
    {
        string bench = typeof(BenchRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Bench").Value!;
        var start = new ProcessStartInfo("dotnet", [bench, .. command.Split(' ')]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet could not be started.");
        process.OutputDataReceived += (_, line) => output.WriteLine(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.WriteLine(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{command} did not end within {Limit.TotalMinutes} minutes.");
        }

        Assert.True(process.ExitCode == 0, $"{command} ended with {process.ExitCode}.");
    }

    /// <summary>Skips the test when a program is missing; fails it on CI.</summary>
    public static void Needs(string what, bool isThere)
    {
        string missing = $"{what} was not found; install it with your package manager.";
        if (!isThere && Environment.GetEnvironmentVariable("CI") is ("true" or "1"))
        {
            Assert.Fail(missing);
        }

        Assert.SkipUnless(isThere, missing);
    }
}
