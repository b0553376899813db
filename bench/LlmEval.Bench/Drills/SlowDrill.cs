using System.Diagnostics;
using System.Text.Json;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Streams;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Stream readers that never read, and some that read a kilobyte a second, among many that read: those have everything as soon as
/// before, memory stays where it was, and who takes nothing for 30 seconds, or 5 in the short form, is dropped.
/// </summary>
internal static class SlowDrill
{
    private const double MegaByte = 1e6;
    private const double Rate = 200;

    /// <summary>Until the buffers of a reader are full, and then that.</summary>
    private static readonly TimeSpan Dropped = TimeSpan.FromSeconds(75);

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        (int normal, int slow) = settings.Short ? (40, 10) : (2_000, 50);
        var plan = new GroundPlan
        {
            Rate = Rate,
            Readers = normal,
            Settings = settings.Short ? [new("LlmEval__Events__StallSeconds", "5")] : [],
        };
        await using DrillGround ground = await DrillGround.StartAsync(settings, plan, cancel);
        await ground.UntilAcknowledgedAsync((long)Rate * 3, TimeSpan.FromSeconds(30), cancel);
        (double before, _) = await ground.DelayAsync(TimeSpan.FromSeconds(5), cancel);
        ProcessSize size = ProcessSize.Of(ground.Server.ProcessId);

        SlowReader[] deaf = [.. Enumerable.Range(0, slow).Select(_ => new SlowReader(ground.Server.Port))];
        SlowReader[] trickles = [.. Enumerable.Range(0, slow).Select(_ => new SlowReader(ground.Server.Port))];
        try
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            Task trickling = TrickleAsync(trickles, enough.Token);
            long began = Stopwatch.GetTimestamp();
            (double beside, _) = await ground.DelayAsync(TimeSpan.FromSeconds(10), cancel);
            long most = await UntilDroppedAsync(ground, normal, trickles, began, cancel);
            TimeSpan took = Stopwatch.GetElapsedTime(began);
            await enough.CancelAsync();
            await trickling;
            ProcessSize end = ProcessSize.Of(ground.Server.ProcessId);

            // The short form runs beside other things, which a delay then tells of.
            BenchFailure.Unless(
                settings.Short || beside < Math.Max(2 * before, before + 250),
                $"with slow readers beside them the others' p99 is {beside:0} ms, and was {before:0} ms");
            BenchFailure.Unless(
                most < size.ResidentBytes + Math.Max(size.ResidentBytes / 4, 96 * MegaByte), $"memory grew from {size} to {most / MegaByte:0} MB");
            string found = await ground.SettleAsync(cancel);
            return $"{slow} readers that never read were dropped within {took.TotalSeconds:0} s, of {slow} that read 1 KB a second {trickles.Count(t => t.IsDropped)}; p99 of the {normal:N0} "
                + $"others {before:0.0} ms before and {beside:0.0} ms beside them; {size} before, {end} after. {found}";
        }
        finally
        {
            foreach (SlowReader reader in deaf.Concat(trickles))
            {
                reader.Dispose();
            }
        }
    }

    private static async Task TrickleAsync(SlowReader[] readers, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            foreach (SlowReader reader in readers)
            {
                reader.Read(256);
            }

            await Task.Delay(250, CancellationToken.None);
        }
    }

    /// <returns>The most memory that the server held meanwhile.</returns>
    private static async Task<long> UntilDroppedAsync(DrillGround ground, int normal, SlowReader[] trickles, long began, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = ground.Server.Url, Timeout = TimeSpan.FromSeconds(10) };
        long most = 0;
        while (true)
        {
            most = Math.Max(most, CpuMeter.ResidentBytes(ground.Server.ProcessId));
            using JsonDocument stats = JsonDocument.Parse(await http.GetStringAsync(new Uri("/webhook/stats", UriKind.Relative), cancel));
            int open = stats.RootElement.GetProperty("performance").GetProperty("stream_connections").GetInt32();
            if (open <= normal + trickles.Count(t => !t.IsDropped))
            {
                return most;
            }

            BenchFailure.Unless(Stopwatch.GetElapsedTime(began) < Dropped, $"{open} streams are open still, {normal} of them of normal readers");
            await Task.Delay(500, cancel);
        }
    }
}
