using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using LlmEval.Bench.Load;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Every process of PostgreSQL stands still, connections open: the server says that it lives and that it is not ready, both soon, and
/// goes on by itself afterwards.
/// </summary>
internal static class FreezeDrill
{
    private static readonly TimeSpan SoonEnough = TimeSpan.FromSeconds(4);

    /// <summary>A second behind a batch that found out and four for the own one to find out again; the rest is for a busy machine.</summary>
    private static readonly TimeSpan AnsweredWithin = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(10);

    private const string Model = "gpt-4";
    private const string Query = "Is anybody there?";
    private const string Response = "No.";

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        BenchFailure.Unless(!settings.Sqlite, "this drill is about PostgreSQL");
        await using DrillGround ground = await DrillGround.StartAsync(settings, new GroundPlan { Rate = settings.BriefRate }, cancel);
        await ground.UntilAcknowledgedAsync(settings.Traces(1_000), TimeSpan.FromSeconds(30), cancel);
        ground.Bed!.Postgres.Pause();
        TimeSpan slowest;
        var duration = TimeSpan.FromSeconds(settings.Short ? 3 : 20);
        Task<IReadOnlyList<Sent>> sending = SendAsync(ground.Server.Url, duration, cancel);
        try
        {
            slowest = await ProbeAsync(ground.Server.Url, duration, cancel);
        }
        finally
        {
            ground.Bed.Postgres.Resume();
        }

        long resumed = Stopwatch.GetTimestamp();
        await ground.UntilAcknowledgedAsync(1, Recovery, cancel);
        TimeSpan took = Stopwatch.GetElapsedTime(resumed);
        await ground.UntilAcknowledgedAsync(settings.Traces(1_000), TimeSpan.FromSeconds(30), cancel);
        IReadOnlyList<Sent> sent = await sending;
        ground.Load.Stop();
        await ground.Loading;
        foreach (Sent one in sent)
        {
            ground.Note(one.Id, TraceContent.Hash(Model, Query, Response, 0, 0, 0), one.Status == HttpStatusCode.OK);
        }

        TimeSpan answered = sent.Max(s => s.Took);
        string found = await ground.SettleAsync(cancel);
        LoadResult load = await ground.Loading;
        BenchFailure.Unless(answered <= AnsweredWithin, $"a trace was answered after {answered.TotalSeconds:0.0} s only");
        BenchFailure.Unless(load.Statuses.Keys.All(s => s is 200 or 503), $"answers other than 200 and 503: {load.StatusText}");
        return $"health answered within {slowest.TotalSeconds:0.0} s while it stood still, a trace was answered within {answered.TotalSeconds:0.0} s, and all were taken again {took.TotalSeconds:0.00} s after. {found}";
    }

    /// <summary>Sends a trace twice a second, whether those before are answered or not.</summary>
    private static async Task<IReadOnlyList<Sent>> SendAsync(Uri server, TimeSpan duration, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromSeconds(60) };
        var sending = new List<Task<Sent>>();
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < duration)
        {
            sending.Add(SendAsync(http, $"{began:x16}-{sending.Count:x16}", cancel));
            await Task.Delay(500, cancel);
        }

        return await Task.WhenAll(sending);
    }

    private static async Task<Sent> SendAsync(HttpClient http, string id, CancellationToken cancel)
    {
        long at = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await http.PostAsJsonAsync(
            "/webhook/trace", new { trace_id = id, model_name = Model, user_query = Query, ai_response = Response }, cancel);
        return new Sent(id, Stopwatch.GetElapsedTime(at), answer.StatusCode);
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

    private sealed record Sent(string Id, TimeSpan Took, HttpStatusCode Status);
}
