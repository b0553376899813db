using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;

namespace LlmEval.Bench.Drills;

/// <summary>Redis stops, comes back, stands still, is full, and takes no writes: nobody notices.</summary>
internal static class RedisDrill
{
    /// <summary>A Redis that stands still may make traces slower, not slow.</summary>
    private const double MostSlowdown = 2;

    /// <summary>Below this a p99 is the machine's: a batch that waits for the disk, a collection.</summary>
    private const double QuickMs = 50;

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        BenchFailure.Unless(!settings.Sqlite, "this drill runs on PostgreSQL");
        await using DrillGround ground = await DrillGround.StartAsync(settings, new GroundPlan { Redis = true, Retry = false, Rate = settings.Short ? 200 : 500 }, cancel);
        PrivateRedis redis = ground.Bed!.Redis!;
        TimeSpan moment = TimeSpan.FromSeconds(settings.Short ? .6 : 8);
        await ground.UntilAcknowledgedAsync(settings.Traces(1_000), TimeSpan.FromSeconds(30), cancel);
        double before = settings.Short ? 0 : (await ground.DelayAsync(moment, cancel)).P99;
        redis.Stop();
        await KeepReadingAsync(ground, moment, cancel);
        await redis.StartAsync(cancel);
        await KeepReadingAsync(ground, moment, cancel);
        redis.Pause();
        Task<(double P99, double Slowest)> measuring = ground.DelayAsync(moment * 2, cancel);
        await KeepReadingAsync(ground, moment * 2, cancel);
        double paused = (await measuring).P99;
        redis.Resume();
        BenchFailure.Unless(
            settings.Short || paused <= MostSlowdown * Math.Max(before, QuickMs), $"p99 to the readers rose from {before:0} to {paused:0} ms while Redis stood still");
        await KeepReadingAsync(ground, moment, cancel);
        await redis.OrderAsync("CONFIG SET maxmemory 1", cancel);
        await KeepReadingAsync(ground, moment, cancel);
        await redis.OrderAsync("CONFIG SET maxmemory 0", cancel);

        // Of a master that is not there: reads only.
        await redis.OrderAsync("REPLICAOF 127.0.0.1 1", cancel);
        await KeepReadingAsync(ground, moment, cancel);
        await redis.OrderAsync("REPLICAOF NO ONE", cancel);
        await KeepReadingAsync(ground, moment, cancel);
        string found = await ground.SettleAsync(cancel);
        LoadResult load = await ground.Loading;
        BenchFailure.Unless(load.Statuses.Keys.All(s => s == 200), $"answers other than 200: {load.StatusText}");
        BenchFailure.Unless(load.BrokenConnections == 0, $"{load.BrokenConnections} connections broke");
        double silence = load.LongestSilence.Length / (double)System.Diagnostics.Stopwatch.Frequency;
        string slowdown = settings.Short ? "" : $" (p99 to the readers {before:0} ms before, {paused:0} ms meanwhile)";
        return $"stopped, restarted, paused{slowdown}, resumed, full, read-only; longest time without an acknowledgement {silence:0.00} s. {found}";
    }

    // What is cached is asked for all the while, and traces go on being taken.
    private static async Task KeepReadingAsync(DrillGround ground, TimeSpan duration, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = ground.Server.Url, Timeout = TimeSpan.FromSeconds(5) };
        string[] paths = ["/webhook/stats", "/api/traces?limit=5", "/webhook/health"];
        using var enough = new CancellationTokenSource(duration);
        long before = ground.Load.Acknowledged;
        for (int i = 0; !enough.IsCancellationRequested; i++)
        {
            string path = paths[i % paths.Length];
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancel);
                BenchFailure.Unless(answer.IsSuccessStatusCode, $"GET {path} answered {(int)answer.StatusCode}");
            }
            catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
            {
                throw new BenchFailure($"GET {path} was not answered: {fault.Message}");
            }

            await Task.Delay(20, cancel);
        }

        BenchFailure.Unless(ground.Load.Acknowledged > before, $"no trace was taken for {duration.TotalSeconds:0} s");
    }
}
