namespace LlmEval.E2E.Drills;

/// <summary>
/// The short forms of the drills in <c>bench/</c>: the server is killed, its database and Redis are taken away, it is told to stop,
/// all under load; then a ledger of what was acknowledged is held against what is stored and what the streams said. And it is sent
/// spoilt bodies.
/// </summary>
public class DrillTests(ITestOutputHelper output)
{
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
            BenchRun.Needs("redis-server", File.Exists("/usr/bin/redis-server"));
        }

        if (drill.Contains("nginx", StringComparison.Ordinal))
        {
            BenchRun.Needs("nginx", File.Exists("/usr/sbin/nginx"));
            BenchRun.Needs("redis-server", File.Exists("/usr/bin/redis-server"));
        }

        if (!drill.Contains("sqlite", StringComparison.Ordinal))
        {
            BenchRun.Needs("PostgreSQL's server", Directory.Exists("/usr/lib/postgresql"));
        }

        await BenchRun.SucceedsAsync(drill, output);
    }
}
