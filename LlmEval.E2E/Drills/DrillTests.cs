using System.Diagnostics;
using System.Reflection;

namespace LlmEval.E2E.Drills;

/// <summary>
/// The short forms of the drills in <c>bench/</c>: the server is killed, its database and Redis are taken away, it is told to stop,
/// all under load; then a ledger of what was acknowledged is held against what is stored and what the streams said. And it is sent
/// spoilt bodies.
/// </summary>
public class DrillTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("drill kill --short")]
    [InlineData("drill kill --short --sqlite")]
    [InlineData("drill postgres --short")]
    [InlineData("drill redis --short")]
    [InlineData("drill sigterm --short")]
    [InlineData("drill mutate --short")]
    [InlineData("drill mutate --short --sqlite")]
    [InlineData("drill nginx --short")]
    [InlineData("drill freeze --short")]
    public async Task NothingIsLostAndNothingIsToldTwice(string drill)
    {
        if (drill.Contains("redis", StringComparison.Ordinal))
        {
            Needs("redis-server", File.Exists("/usr/bin/redis-server"));
        }

        if (drill.Contains("nginx", StringComparison.Ordinal))
        {
            Needs("nginx", File.Exists("/usr/sbin/nginx"));
            Needs("redis-server", File.Exists("/usr/bin/redis-server"));
        }

        if (!drill.Contains("sqlite", StringComparison.Ordinal))
        {
            Needs("PostgreSQL's server", Directory.Exists("/usr/lib/postgresql"));
        }

        string bench = typeof(DrillTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Bench").Value!;
        var start = new ProcessStartInfo("dotnet", [bench, .. drill.Split(' ')]) { RedirectStandardOutput = true, RedirectStandardError = true };
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
            Assert.Fail($"{drill} did not end within {Limit.TotalMinutes} minutes.");
        }

        Assert.Equal(0, process.ExitCode);
    }

    private static void Needs(string what, bool isThere)
    {
        string missing = $"{what} was not found; install it with your package manager.";
        if (!isThere && Environment.GetEnvironmentVariable("CI") is ("true" or "1"))
        {
            Assert.Fail(missing);
        }

        Assert.SkipUnless(isThere, missing);
    }
}
