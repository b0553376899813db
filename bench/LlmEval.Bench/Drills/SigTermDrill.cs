using System.Diagnostics;
using LlmEval.Bench.Load;
using LlmEval.Bench.Streams;

namespace LlmEval.Bench.Drills;

/// <summary>SIGTERM under load: what is in flight is answered, streams end as responses should, and the process is gone soon.</summary>
internal static class SigTermDrill
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        await using DrillGround ground = await DrillGround.StartAsync(settings, new GroundPlan { Retry = false }, cancel);
        await ground.UntilAcknowledgedAsync(settings.Traces(3_000), TimeSpan.FromSeconds(30), cancel);
        long signalled = Stopwatch.GetTimestamp();
        TimeSpan? took = await ground.Server.StopAsync(TimeSpan.FromSeconds(40));
        BenchFailure.Unless(
            took <= Limit,
            $"the process was still there {Limit.TotalSeconds:0} s after SIGTERM (it took "
            + $"{took?.TotalSeconds.ToString("0.0") ?? "more than 40"} s)");
        BenchFailure.Unless(
            ground.Server.Process.ExitCode == 0,
            $"the process ended with {ground.Server.Process.ExitCode}:\n{ground.Server.Process.LastWords()}");
        ground.Load.Stop();
        LoadResult load = await ground.Loading;
        BenchFailure.Unless(
            load.Surprise is null || load.Statuses.Keys.All(s => s is 200 or 503),
            $"answers other than 200 and 503: {load.StatusText}; {load.Surprise}");
        int cut = load.Unanswered.Count(u => u.SentAt < signalled);
        BenchFailure.Unless(cut == 0, $"{cut} requests that were in flight at the signal were never answered");
        foreach (Unanswered late in load.Unanswered)
        {
            // A request that meets a closing door may be lost, as long as it was not let in.
            string ids = string.Join(',', late.TraceIds.Select(id => $"'{id}'"));
            BenchFailure.Unless(
                await ground.CountAsync($"SELECT count(*) FROM traces WHERE trace_id IN ({ids})", cancel) == 0,
                "a request was stored and not answered");
        }

        await ground.Fleet.OrderAsync(() => { });
        int torn = ground.Fleet.Clients.Count(c => !c.EndedCleanly);
        BenchFailure.Unless(torn == 0, $"{torn} of {ground.Fleet.Clients.Count} streams were torn instead of ended");
        SseClient? faulty = ground.Fleet.Clients.FirstOrDefault(c => c.Fault is not null);
        BenchFailure.Unless(faulty is null, faulty?.Fault ?? "");
        return $"gone after {took!.Value.TotalSeconds:0.00} s; every request in flight was answered ({load.Unanswered.Count} came too late "
            + $"and were not let in), "
            + $"{ground.Fleet.Clients.Count} streams ended cleanly. {await ground.CheckAsync(cancel)}; answers {load.StatusText}";
    }
}
