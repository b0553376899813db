using LlmEval.Bench.Load;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Every exchange with PostgreSQL takes 200 ms, and then one in ten ends in a reset besides: slower, but whoever is turned away gets
/// through by sending again.
/// </summary>
internal static class LatencyDrill
{
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(100);

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        BenchFailure.Unless(!settings.Sqlite, "this drill is about PostgreSQL");
        await using DrillGround ground = await DrillGround.StartAsync(settings, new GroundPlan { Proxied = true, Rate = 200 }, cancel);
        TimeSpan moment = TimeSpan.FromSeconds(settings.Short ? 3 : 30);
        await ground.UntilAcknowledgedAsync(400, TimeSpan.FromSeconds(30), cancel);
        ground.Proxy!.Delay = OneWay;
        double slow = await RateAsync(ground, moment, cancel);
        ground.Proxy.Tear = 0.1;
        double torn = await RateAsync(ground, moment, cancel);
        ground.Proxy.Delay = TimeSpan.Zero;
        ground.Proxy.Tear = 0;
        await ground.UntilAcknowledgedAsync(400, TimeSpan.FromSeconds(30), cancel);
        string found = await ground.SettleAsync(cancel);
        LoadResult load = await ground.Loading;
        BenchFailure.Unless(load.Statuses.Keys.All(s => s is 200 or 503), $"answers other than 200 and 503: {load.StatusText}");
        BenchFailure.Unless(load.BrokenConnections == 0, $"{load.BrokenConnections} connections broke instead of being answered");
        return $"{slow:0} of 200 traces a second with 200 ms to each exchange, {torn:0} with {ground.Proxy.Torn} resets besides; slowest trace "
            + $"{load.Latency.MaxMs / 1000:0.0} s with its retries. {found}";
    }

    private static async Task<double> RateAsync(DrillGround ground, TimeSpan moment, CancellationToken cancel)
    {
        long before = ground.Load.Acknowledged;
        await Task.Delay(moment, cancel);
        long taken = ground.Load.Acknowledged - before;
        BenchFailure.Unless(taken > 0, $"no trace was taken for {moment.TotalSeconds:0} s");
        return taken / moment.TotalSeconds;
    }
}
