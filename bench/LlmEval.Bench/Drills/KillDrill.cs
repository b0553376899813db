namespace LlmEval.Bench.Drills;

/// <summary>SIGKILL under load, again and again: nothing is lost, nothing is stored twice, no reader misses an event.</summary>
internal static class KillDrill
{
    /// <summary>From the start until it takes traces, with nobody's help.</summary>
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(10);

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        await using DrillGround ground = await DrillGround.StartAsync(settings, new GroundPlan { Rate = settings.BriefRate }, cancel);
        int times = settings.Times(brief: 1, whole: 10);
        var slowest = TimeSpan.Zero;
        for (int i = 0; i < times; i++)
        {
            await ground.UntilAcknowledgedAsync(settings.Random.Next(settings.Traces(500), settings.Traces(3_000)), TimeSpan.FromSeconds(30), cancel);
            ground.Server.Kill();
            TimeSpan took = await ground.Server.StartAsync(cancel);
            slowest = took > slowest ? took : slowest;
        }

        // The short form runs beside others, on whatever machine.
        BenchFailure.Unless(settings.Short || slowest <= ReadyWithin, $"the server was ready only {slowest.TotalSeconds:0.0} s after its start");
        await ground.UntilAcknowledgedAsync(settings.Traces(1_000), TimeSpan.FromSeconds(30), cancel);
        return $"killed {times} times, ready again at most {slowest.TotalSeconds:0.0} s after its start. {await ground.SettleAsync(cancel)}";
    }
}
