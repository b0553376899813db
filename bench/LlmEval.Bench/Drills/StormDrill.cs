using System.Diagnostics;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Streams;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Thousands of stream readers come and go, and then all come back at once: each gets what it missed, once and in order, and the server
/// holds no more descriptors, threads and memory than before.
/// </summary>
internal static class StormDrill
{
    private const double MegaByte = 1e6;
    private const int Group = 250;
    private const int Slack = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        int count = settings.Short ? 500 : 5_000;
        int rounds = settings.Times(brief: 2, whole: 10);
        await using DrillGround ground = await DrillGround.StartAsync(settings, new GroundPlan { Rate = 50 }, cancel);
        await ground.UntilAcknowledgedAsync(100, TimeSpan.FromSeconds(30), cancel);
        ProcessSize before = ProcessSize.Of(ground.Server.ProcessId);
        using var fleet = new SseFleet(_ => ground.Server.Port);
        fleet.Start();
        await fleet.ConnectAsync(count, cancel);
        await EndAsync(ground, fleet, before, cancel);

        // Whoever comes back has a buffer full of what they missed: that is held once, however often it happens.
        await ReopenAsync(fleet, ground.Server.Port);
        await EndAsync(ground, fleet, before, cancel);
        ProcessSize first = ProcessSize.Of(ground.Server.ProcessId);
        ProcessSize half = await RepeatAsync();
        if (HasGrown(first, half))
        {
            // The heap takes its time to find its size. What leaks grows on.
            first = half;
            half = await RepeatAsync();
        }

        BenchFailure.Unless(!HasGrown(first, half), $"memory grew from {first} to {half}");
        await ground.UntilAcknowledgedAsync(100, TimeSpan.FromSeconds(30), cancel);
        long back = Stopwatch.GetTimestamp();
        await ReopenAsync(fleet, ground.Server.Port);
        long head = await ground.CountAsync("SELECT last_id FROM event_head", cancel);
        await fleet.UntilAllHaveAsync(head, Patience, cancel);
        TimeSpan served = Stopwatch.GetElapsedTime(back);
        await EndAsync(ground, fleet, before, cancel);
        ProcessSize end = ProcessSize.Of(ground.Server.ProcessId);
        BenchFailure.Unless(!HasGrown(first, end), $"memory grew from {first} to {end}");
        return $"{count:N0} readers came and went {rounds} times, then came back at once and had what they missed after {served.TotalSeconds:0.0} s; {before} before, {first} after "
            + $"the first time, {end} at the end. {await ground.SettleAsync(cancel)}";

        async Task<ProcessSize> RepeatAsync()
        {
            for (int i = 0; i < rounds; i++)
            {
                await ReopenAsync(fleet, ground.Server.Port);
                await EndAsync(ground, fleet, before, cancel);
            }

            return ProcessSize.Of(ground.Server.ProcessId);
        }
    }

    private static bool HasGrown(ProcessSize from, ProcessSize to) => to.ResidentBytes > from.ResidentBytes + Math.Max(from.ResidentBytes / 4, 96 * MegaByte);

    private static async Task ReopenAsync(SseFleet fleet, int port)
    {
        // In groups only because one thread opens them: nobody waits for an answer.
        foreach (SseClient[] some in fleet.Clients.Chunk(Group))
        {
            await fleet.OrderAsync(() =>
            {
                foreach (SseClient client in some)
                {
                    BenchFailure.Unless(client.Open(port), "the server does not take connections");
                }
            });
        }
    }

    /// <summary>All hang up, and the server lets go of what it held for them.</summary>
    private static async Task EndAsync(DrillGround ground, SseFleet fleet, ProcessSize before, CancellationToken cancel)
    {
        await fleet.OrderAsync(() =>
        {
            foreach (SseClient client in fleet.Clients)
            {
                client.Close();
            }
        });
        BenchFailure.Unless(fleet.Fault is null, fleet.Fault ?? "");
        long began = Stopwatch.GetTimestamp();
        while (ProcessSize.Of(ground.Server.ProcessId).Descriptors > before.Descriptors + Slack)
        {
            BenchFailure.Unless(
                Stopwatch.GetElapsedTime(began) < Patience, $"{ProcessSize.Of(ground.Server.ProcessId)} long after all hung up, {before} before");
            await Task.Delay(100, cancel);
        }
    }
}
