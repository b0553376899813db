namespace LlmEval.Bench.Drills;

/// <summary>SIGKILL under load, again and again: nothing is lost, nothing is stored twice, no reader misses an event.</summary>
internal static class KillDrill
{
    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        await using DrillGround ground = await DrillGround.StartAsync(settings, redis: false, retry: true, cancel);
        int times = settings.Times(brief: 2, whole: 10);
        for (int i = 0; i < times; i++)
        {
            await ground.UntilAcknowledgedAsync(settings.Random.Next(500, 3_000), TimeSpan.FromSeconds(30), cancel);
            ground.Server.Kill();
            await ground.Server.StartAsync(cancel);
        }

        await ground.UntilAcknowledgedAsync(1_000, TimeSpan.FromSeconds(30), cancel);
        return $"killed {times} times. {await ground.SettleAsync(cancel)}";
    }
}
