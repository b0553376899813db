namespace LlmEval.E2E.Drills;

/// <summary>The short forms of those drills in <c>bench/</c> that mostly wait for a time to pass: they wait together, a few at once.</summary>
public class WaitingDrillTests(ITestOutputHelper output)
{
    private const int AtOnce = 2;

    // The longest first. The others take longer, and run with "drill all --short".
    private static readonly string[] Drills =
    [
        "stall",
        "sqlite",
        "setup",
        "resume --sqlite",
        "judge --sqlite",
    ];

    [Fact]
    public async Task WhatIsSlowAwayOrTooMuchIsNoticedAndOutlived()
    {
        BenchRun.Needs("PostgreSQL's server", Directory.Exists("/usr/lib/postgresql"));
        using var free = new SemaphoreSlim(AtOnce);
        await Task.WhenAll(Drills.Select(async drill =>
        {
            await free.WaitAsync(TestContext.Current.CancellationToken);
            try
            {
                await BenchRun.SucceedsAsync($"drill {drill} --short", output);
            }
            finally
            {
                free.Release();
            }
        }));
    }
}
