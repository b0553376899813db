using System.Diagnostics;
using System.Net;
using LlmEval.Bench.Load;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Every process of PostgreSQL stands still, connections open: the server says that it lives and that it is not ready, both soon, and
/// goes on by itself afterwards.
/// </summary>
internal static class FreezeDrill
{
    private static readonly TimeSpan SoonEnough = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(10);

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        BenchFailure.Unless(!settings.Sqlite, "this drill is about PostgreSQL");
        await using DrillGround ground = await DrillGround.StartAsync(settings, redis: false, retry: true, cancel);
        await ground.UntilAcknowledgedAsync(1_000, TimeSpan.FromSeconds(30), cancel);
        ground.Bed!.Postgres.Pause();
        TimeSpan slowest;
        try
        {
            slowest = await ProbeAsync(ground.Server.Url, TimeSpan.FromSeconds(settings.Short ? 6 : 20), cancel);
        }
        finally
        {
            ground.Bed.Postgres.Resume();
        }

        long resumed = Stopwatch.GetTimestamp();
        await ground.UntilAcknowledgedAsync(1, Recovery, cancel);
        TimeSpan took = Stopwatch.GetElapsedTime(resumed);
        await ground.UntilAcknowledgedAsync(1_000, TimeSpan.FromSeconds(30), cancel);
        string found = await ground.SettleAsync(cancel);
        LoadResult load = await ground.Loading;
        BenchFailure.Unless(load.Statuses.Keys.All(s => s is 200 or 503), $"answers other than 200 and 503: {load.StatusText}");
        return $"health answered within {slowest.TotalSeconds:0.0} s while it stood still, traces were taken again {took.TotalSeconds:0.00} s after. {found}";
    }

    private static async Task<TimeSpan> ProbeAsync(Uri server, TimeSpan duration, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = server, Timeout = SoonEnough };
        var slowest = TimeSpan.Zero;
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < duration)
        {
            foreach ((string path, HttpStatusCode wanted) in new[] { ("/health/live", HttpStatusCode.OK), ("/health/ready", HttpStatusCode.ServiceUnavailable) })
            {
                long asked = Stopwatch.GetTimestamp();
                HttpStatusCode status = await AskAsync(http, path, cancel);
                BenchFailure.Unless(status == wanted, $"GET {path} answered {(int)status} while the database stood still");
                TimeSpan took = Stopwatch.GetElapsedTime(asked);
                slowest = took > slowest ? took : slowest;
            }

            await Task.Delay(200, cancel);
        }

        return slowest;
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient http, string path, CancellationToken cancel)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancel);
            return answer.StatusCode;
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new BenchFailure($"GET {path} was not answered within {SoonEnough.TotalSeconds:0} s");
        }
    }
}
