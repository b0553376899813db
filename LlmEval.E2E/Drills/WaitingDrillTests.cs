namespace LlmEval.E2E.Drills;

/// <summary>The short forms of those drills in <c>bench/</c> that mostly wait for a time to pass: they wait together.</summary>
public class WaitingDrillTests(ITestOutputHelper output)
{
    private static readonly string[] Drills =
    [
        "alerts",
    ];

    [Fact]
    public async Task WhatIsSlowOrAwayIsNoticedAndOutlived()
    {
        BenchRun.Needs("PostgreSQL's server", Directory.Exists("/usr/lib/postgresql"));
        await Task.WhenAll(Drills.Select(drill => BenchRun.SucceedsAsync($"drill {drill} --short", output)));
    }
}
