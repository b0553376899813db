using System.Diagnostics;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Streams;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Callers that send a byte a second, of their request's head or of its body, and thousands that connect and say nothing: the first are
/// cut off, and everybody else is served as before.
/// </summary>
internal static class LorisDrill
{
    // The limit for heads is 15 s, and what is past it is looked for only now and then.
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(30);

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        (int lorises, int idle) = settings.Short ? (100, 1_000) : (1_000, 8_000);
        await using DrillGround ground = await DrillGround.StartAsync(settings, new GroundPlan { Rate = 200, Retry = false }, cancel);
        await ground.UntilAcknowledgedAsync(600, TimeSpan.FromSeconds(30), cancel);
        int port = ground.Server.Port;
        (double before, _) = await ground.DelayAsync(TimeSpan.FromSeconds(settings.Short ? 3 : 10), cancel);
        ProcessSize size = ProcessSize.Of(ground.Server.ProcessId);
        var all = new List<Loris>();
        try
        {
            all.AddRange(Enumerable.Range(0, idle).Select(_ => Loris.Idle(port)));
            all.AddRange(Enumerable.Range(0, lorises).SelectMany(_ => new[] { Loris.InHead(port), Loris.InBody(port) }));
            long began = Stopwatch.GetTimestamp();
            Task<TimeSpan> cutting = UntilCutAsync([.. all.Skip(idle)], began, cancel);
            (double beside, _) = await ground.DelayAsync(TimeSpan.FromSeconds(settings.Short ? 6 : 15), cancel);
            ProcessSize most = ProcessSize.Of(ground.Server.ProcessId);
            TimeSpan cut = await cutting;
            BenchFailure.Unless(beside < Math.Max(2 * before, before + 250), $"beside slow callers an event takes {beside:0} ms at p99, and took {before:0} ms");
            string found = await ground.SettleAsync(cancel);
            BenchFailure.Unless((await ground.Loading).BrokenConnections == 0, "a connection of somebody else broke");
            return $"{2 * lorises:N0} callers that sent a byte a second were cut off within {cut.TotalSeconds:0} s; beside them and {idle:N0} that said nothing p99 from sending to a "
                + $"reader was {beside:0.0} ms, and {before:0.0} ms before; {size} before, {most} meanwhile. {found}";
        }
        finally
        {
            all.ForEach(loris => loris.Dispose());
        }
    }

    private static async Task<TimeSpan> UntilCutAsync(Loris[] lorises, long began, CancellationToken cancel)
    {
        while (!lorises.All(l => l.IsCut))
        {
            BenchFailure.Unless(
                Stopwatch.GetElapsedTime(began) < Cut, $"{lorises.Count(l => !l.IsCut)} of {lorises.Length} callers that send a byte a second are still served");
            await Task.Delay(1_000, cancel);
            foreach (Loris loris in lorises)
            {
                loris.SendOne();
            }
        }

        return Stopwatch.GetElapsedTime(began);
    }
}
