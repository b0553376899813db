using System.Diagnostics;
using System.Net;
using LlmEval.Bench.Load;

namespace LlmEval.Bench.Drills;

/// <summary>
/// The network between the server and PostgreSQL stalls, without a reset, and then forgets every connection: callers are told soon that
/// it is away, and when new connections get through, traces are taken again, each once.
/// </summary>
internal static class StallDrill
{
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(15);

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        BenchFailure.Unless(!settings.Sqlite, "this drill is about PostgreSQL");
        await using DrillGround ground = await DrillGround.StartAsync(settings, new GroundPlan { Proxied = true, Rate = settings.Short ? 100 : 200 }, cancel);
        await ground.UntilAcknowledgedAsync(settings.Traces(400), TimeSpan.FromSeconds(30), cancel);

        // One that stalls and goes on, and one that stalls and is forgotten.
        ground.Proxy!.Stall();
        TimeSpan noticed = await UntilReadyIsAsync(ground.Server.Url, HttpStatusCode.ServiceUnavailable, Noticed, cancel);
        await Task.Delay(TimeSpan.FromSeconds(settings.Short ? .5 : 60), cancel);
        ground.Proxy.Flow();
        TimeSpan resumed = await TakenAgainAsync(ground, cancel);
        await ground.UntilAcknowledgedAsync(settings.Traces(200), TimeSpan.FromSeconds(30), cancel);

        ground.Proxy.Stall();
        await Task.Delay(TimeSpan.FromSeconds(settings.Short ? .5 : 10), cancel);
        int forgotten = ground.Proxy.Forget();
        TimeSpan renewed = await TakenAgainAsync(ground, cancel);
        await UntilReadyIsAsync(ground.Server.Url, HttpStatusCode.OK, Recovery, cancel);
        await ground.UntilAcknowledgedAsync(settings.Traces(400), TimeSpan.FromSeconds(30), cancel);
        string found = await ground.SettleAsync(cancel);
        LoadResult load = await ground.Loading;
        BenchFailure.Unless(load.Statuses.Keys.All(s => s is 200 or 503), $"answers other than 200 and 503: {load.StatusText}");
        BenchFailure.Unless(load.BrokenConnections == 0, $"{load.BrokenConnections} connections broke instead of being answered");
        return $"a stall was noticed after {noticed.TotalSeconds:0.0} s, traces were taken again {resumed.TotalSeconds:0.0} s after its end; {forgotten} connections were "
            + $"forgotten by the network, and traces taken again {renewed.TotalSeconds:0.0} s after. {found}";
    }

    private static async Task<TimeSpan> TakenAgainAsync(DrillGround ground, CancellationToken cancel)
    {
        long began = Stopwatch.GetTimestamp();
        await ground.UntilAcknowledgedAsync(1, Recovery, cancel);
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task<TimeSpan> UntilReadyIsAsync(Uri server, HttpStatusCode wanted, TimeSpan atMost, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = server, Timeout = atMost };
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), cancel);
            if (answer.StatusCode == wanted)
            {
                return Stopwatch.GetElapsedTime(began);
            }

            BenchFailure.Unless(
                Stopwatch.GetElapsedTime(began) < atMost, $"/health/ready still answers {(int)answer.StatusCode} after {atMost.TotalSeconds:0} s");
            await Task.Delay(100, cancel);
        }
    }
}
