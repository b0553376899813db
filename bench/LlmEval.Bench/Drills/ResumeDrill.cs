using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace LlmEval.Bench.Drills;

/// <summary>
/// A reader says by <c>Last-Event-ID</c> that it stands in the past, in the future, where nothing is kept any more, in another log, or
/// nowhere that makes sense: it is told at once where the stream goes on, and the next event reaches it.
/// </summary>
internal sealed class ResumeDrill : IDisposable
{
    private const int Evicted = 200;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);
    private static readonly string[] Garbage = ["abc", "-1", "1.5", "0x10", "1e3", "18446744073709551616", "१२", "1;DROP TABLE events", new('7', 4_000)];

    private readonly HttpClient _http;
    private readonly Uri _server;
    private readonly CancellationToken _cancel;

    private ResumeDrill(Uri server, CancellationToken cancel)
    {
        _server = server;
        _cancel = cancel;
        _http = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 }) { BaseAddress = server };
    }

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        // An alert would be an event among those that are counted here, and a busy machine raises one.
        var plan = new GroundPlan { Rate = 300, Settings = [new("LlmEval__Alerts__ForSeconds", "3600")] };
        await using DrillGround ground = await DrillGround.StartAsync(settings, plan, cancel);
        await ground.UntilAcknowledgedAsync(settings.Short ? Evicted + 50 : 600, TimeSpan.FromSeconds(30), cancel);
        string found = await ground.SettleAsync(cancel);
        await ground.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"DELETE FROM events WHERE id <= {Evicted}"), cancel);

        // What the log has no more, memory may have: a server that begins anew has only the log.
        await ground.Server.StopAsync(TimeSpan.FromSeconds(10));
        await ground.Server.StartAsync(cancel);
        long head = await ground.CountAsync("SELECT last_id FROM event_head", cancel);
        using var drill = new ResumeDrill(ground.Server.Url, cancel);
        var expected = new List<(string Id, bool Reset, long From)>
        {
            // Each check makes an event: only at first does this one lie in the future.
            (Number(head + 1), true, head + 1),
            (Number(head), false, head + 1),
            (Number(head - 10), false, head - 9),
            (Number(Evicted), false, Evicted + 1),
            (Number(Evicted - 1), true, Evicted + 1),
            ("0", true, Evicted + 1),
            (Number(head + 1_000_000), true, head + 1),
        };
        expected.AddRange(Garbage.Select(id => (id, true, head + 1)));
        TimeSpan slowest = TimeSpan.Zero;
        foreach ((string id, bool reset, long from) in expected)
        {
            TimeSpan took = await drill.CheckAsync(id, reset, from, ++head);
            slowest = took > slowest ? took : slowest;
        }

        return $"{expected.Count} kinds of Last-Event-ID, each told where it stands within {slowest.TotalSeconds:0.00} s and given the next event. {found}";
    }

    /// <param name="from">The first event that is to come; what is after the head has yet to happen.</param>
    /// <param name="next">The id of the event that this check makes.</param>
    private async Task<TimeSpan> CheckAsync(string id, bool reset, long from, long next)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_cancel);
        limit.CancelAfter(Soon);
        long began = Stopwatch.GetTimestamp();
        string shown = id.Length > 30 ? id[..30] + "…" : id;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server, "/stream/events"));
            request.Headers.TryAddWithoutValidation("Last-Event-ID", id);
            using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            BenchFailure.Unless(answer.IsSuccessStatusCode, $"Last-Event-ID {shown} was answered with {(int)answer.StatusCode}");
            using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
            BenchFailure.Unless((await NextAsync(lines, limit.Token)).Event == "connected", $"Last-Event-ID {shown}: the first event is not 'connected'");
            if (reset)
            {
                BenchFailure.Unless((await NextAsync(lines, limit.Token)).Event == "stream_reset", $"Last-Event-ID {shown}: the reader was not told of the reset");
            }

            TimeSpan told = Stopwatch.GetElapsedTime(began);
            await PostAsync(limit.Token);
            long first = Math.Min(from, next);
            for (long wanted = reset && first > Evicted + 1 ? next : first; wanted <= next; wanted++)
            {
                (string name, long got) = await NextAsync(lines, limit.Token);
                BenchFailure.Unless(name == "trace_updates" && got == wanted, $"Last-Event-ID {shown}: {name} {got} came instead of event {wanted}");
            }

            return told;
        }
        catch (OperationCanceledException) when (!_cancel.IsCancellationRequested)
        {
            throw new BenchFailure($"Last-Event-ID {shown}: not served within {Soon.TotalSeconds:0} s");
        }
    }

    private static async Task<(string Event, long Id)> NextAsync(StreamReader lines, CancellationToken limit)
    {
        long id = -1;
        while (await lines.ReadLineAsync(limit) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = long.Parse(line[4..], CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                using JsonDocument envelope = JsonDocument.Parse(line[6..]);
                return (envelope.RootElement.GetProperty("event").GetString()!, id);
            }
        }

        throw new BenchFailure("a stream ended");
    }

    private async Task PostAsync(CancellationToken limit)
    {
        var trace = new { trace_id = Guid.NewGuid().ToString("N"), model_name = "gpt-4", user_query = "Where were we?", ai_response = "Here." };
        using HttpResponseMessage answer = await _http.PostAsJsonAsync("/webhook/trace", trace, limit);
        BenchFailure.Unless(answer.IsSuccessStatusCode, $"a trace was answered with {(int)answer.StatusCode}");
    }

    private static string Number(long id) => id.ToString(CultureInfo.InvariantCulture);

    public void Dispose() => _http.Dispose();
}
