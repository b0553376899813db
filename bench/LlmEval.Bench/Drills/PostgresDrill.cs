using System.Diagnostics;
using LlmEval.Bench.Load;

namespace LlmEval.Bench.Drills;

/// <summary>
/// PostgreSQL stops as in a crash and comes back, and is restarted in good order, which ends every session with a word of farewell: only
/// 503s meanwhile, and the server recovers by itself.
/// </summary>
internal static class PostgresDrill
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        BenchFailure.Unless(!settings.Sqlite, "this drill is about PostgreSQL");
        await using DrillGround ground = await DrillGround.StartAsync(settings, new GroundPlan { Rate = settings.BriefRate }, cancel);
        int times = settings.Times(brief: 1, whole: 5);
        var longest = TimeSpan.Zero;
        for (int i = 0; i < times; i++)
        {
            await ground.UntilAcknowledgedAsync(settings.Traces(2_000), TimeSpan.FromSeconds(30), cancel);
            await ground.Bed!.Postgres.StopImmediatelyAsync(cancel);
            await Task.Delay(TimeSpan.FromSeconds(settings.Short ? .5 : 2), cancel);
            await ground.Bed.Postgres.StartAsync(cancel);
            await NoteRecoveryAsync();
            await ground.UntilAcknowledgedAsync(settings.Traces(2_000), TimeSpan.FromSeconds(30), cancel);
            await ground.Bed.Postgres.RestartAsync(cancel);
            await NoteRecoveryAsync();
        }

        await ground.UntilAcknowledgedAsync(settings.Traces(1_000), TimeSpan.FromSeconds(30), cancel);
        string found = await ground.SettleAsync(cancel);
        LoadResult load = await ground.Loading;
        BenchFailure.Unless(load.Statuses.Keys.All(s => s is 200 or 503), $"answers other than 200 and 503: {load.StatusText}");
        BenchFailure.Unless(load.BrokenConnections == 0, $"{load.BrokenConnections} connections broke instead of being answered");
        return $"stopped {times} times and restarted as often, taking traces again at most {longest.TotalSeconds:0.00} s after the database. {found}";

        async Task NoteRecoveryAsync()
        {
            long back = Stopwatch.GetTimestamp();
            await ground.UntilAcknowledgedAsync(1, Recovery, cancel);
            TimeSpan took = Stopwatch.GetElapsedTime(back);
            longest = took > longest ? took : longest;
        }
    }
}
