using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Net;
using LlmEval.Bench.Runs;
using LlmEval.Bench.Watching;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Each of the four alerts that are built in, by what really causes it: bad requests, a cache that knows nothing, a database that
/// stalls, a database that is stopped while traces are sent. Each is seen on the stream, on the page and at a receiver of signed webhooks within 15 seconds of
/// its cause, and cleared when that is gone. The whole form runs with the settings as they are shipped, one after another; the short
/// one looks at less time, and causes the first three at once.
/// </summary>
internal sealed class AlertsDrill : IDisposable
{
    private const string Database = "drill";
    private const string BadRequests = "error_rate";
    private const string StalledDatabase = "processing_time";
    private const string ColdCache = "cache_misses";
    private const string StoppedDatabase = "database_away";

    private static readonly string[] Rules = [BadRequests, StalledDatabase, ColdCache, StoppedDatabase];
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    /// <summary>Long enough to be slow, and shorter than what counts as away.</summary>
    private static readonly TimeSpan StallLength = TimeSpan.FromSeconds(1.4);

    /// <summary>Between two stalls: what else asks the database gets on, slowly.</summary>
    private static readonly TimeSpan FlowLength = TimeSpan.FromSeconds(.6);

    private readonly TestBed _bed;
    private readonly FaultyProxy _proxy;
    private readonly HttpClient _http;
    private readonly Sightings _sightings;
    private readonly TimeSpan _clearedWithin;
    private readonly CancellationToken _cancel;
    private readonly Dictionary<string, string> _found = [];
    private string[] _stored = [];
    private int _traces;

    private AlertsDrill(TestBed bed, FaultyProxy proxy, ServerProcess server, Sightings sightings, TimeSpan clearedWithin, CancellationToken cancel)
    {
        _bed = bed;
        _proxy = proxy;
        _sightings = sightings;
        _clearedWithin = clearedWithin;
        _cancel = cancel;
        _http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(30) };
    }

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        BenchFailure.Unless(!settings.Sqlite, "this drill takes PostgreSQL away");
        await using TestBed bed = await TestBed.StartAsync(settings.Arguments, big: false, redis: false, cancel, migrate: false);
        await bed.Postgres.CreateDatabaseAsync(Database);
        using var proxy = new FaultyProxy(bed.Postgres.Port, settings.Random);
        (int window, int bad, int good) = settings.Short ? (10, 2, 2) : (60, 5, 30);
        using ServerProcess server = bed.With("server", Database, [
            new("DATABASE_URL", bed.Postgres.Url(Database, proxy.Port)),
            new("LlmEval__Outbound__AllowPrivateAddresses", "true"),
            new("LlmEval__Alerts__WindowSeconds", $"{window}"),
            new("LlmEval__Alerts__ForSeconds", $"{bad}"),
            new("LlmEval__Alerts__ClearForSeconds", $"{good}"),
        ]);
        await server.StartAsync(cancel);
        var sightings = new Sightings();
        await using AlertReceiver receiver = await AlertReceiver.StartAsync(sightings, cancel);
        await using Chromium chromium = await Chromium.StartAsync();
        AlertPage page = await AlertPage.OpenAsync(chromium, server.Url, Rules);
        using var drill = new AlertsDrill(bed, proxy, server, sightings, TimeSpan.FromSeconds(window + good) + Soon, cancel);
        receiver.Secret = await drill.SubscribeAsync(receiver.Url);

        drill._stored = await Task.WhenAll(Enumerable.Range(0, 600).Select(_ => drill.StoreAsync()));

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task watching = Task.WhenAll(AlertStream.WatchAsync(server.Url, sightings, stop.Token), page.WatchAsync(sightings, stop.Token));
        try
        {
            await (settings.Short ? drill.AtOnceAsync() : drill.OneByOneAsync());
        }
        finally
        {
            await stop.CancelAsync();
            await watching;
        }

        return $"{string.Join("; ", drill._found.Values)}. {receiver.Taken} messages, every signature right";
    }

    private async Task OneByOneAsync()
    {
        await RaiseAsync(BadRequests, SendBadRequestsAsync);
        long bad = Stopwatch.GetTimestamp();
        await RaiseAsync(ColdCache, ReadWhatIsNotCachedAsync);
        long cold = Stopwatch.GetTimestamp();
        await RaiseAsync(StalledDatabase, SendToAStalledDatabaseAsync);
        long stalled = Stopwatch.GetTimestamp();
        await UntilClearedAsync((BadRequests, bad), (ColdCache, cold), (StalledDatabase, stalled));
        await StopDatabaseAsync();
    }

    private async Task AtOnceAsync()
    {
        await Task.WhenAll(
            RaiseAsync(BadRequests, SendBadRequestsAsync),
            RaiseAsync(ColdCache, ReadWhatIsNotCachedAsync),
            RaiseAsync(StalledDatabase, SendToAStalledDatabaseAsync));
        long gone = Stopwatch.GetTimestamp();
        await UntilClearedAsync((BadRequests, gone), (ColdCache, gone), (StalledDatabase, gone));
        await StopDatabaseAsync();
    }

    /// <summary>Causes an alert until it is seen everywhere.</summary>
    private async Task RaiseAsync(string rule, Func<CancellationToken, Task> cause)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_cancel);
        long began = Stopwatch.GetTimestamp();
        Task causing = cause(enough.Token);
        try
        {
            await NoteAsync(rule, raised: true, began, Soon);
        }
        finally
        {
            await enough.CancelAsync();
            await causing;
        }
    }

    /// <summary>The causes are gone, and everything goes on as it should: of too few requests an alert says nothing, and stays for longer.</summary>
    private async Task UntilClearedAsync(params (string Rule, long CauseGone)[] alerts)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_cancel);
        Task going = GoOnWellAsync(enough.Token);
        try
        {
            await Task.WhenAll(alerts.Select(alert => NoteAsync(alert.Rule, raised: false, alert.CauseGone, _clearedWithin)));
        }
        finally
        {
            await enough.CancelAsync();
            await going;
        }
    }

    private async Task GoOnWellAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await StoreAsync();
            using HttpResponseMessage read = await _http.GetAsync(new Uri($"/api/traces/{_stored[0]}", UriKind.Relative), _cancel);
            BenchFailure.Unless(read.IsSuccessStatusCode, $"a trace that is stored was answered with {(int)read.StatusCode}");
            await Task.Delay(100, _cancel);
        }
    }

    // Under load: whoever sends is turned away, which is a second alert, and neither can be written. Both are told all the same.
    private async Task StopDatabaseAsync()
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_cancel);
        Task sending = SendToNoDatabaseAsync(enough.Token);
        try
        {
            long stopped = Stopwatch.GetTimestamp();
            await _bed.Postgres.StopImmediatelyAsync(_cancel);
            await Task.WhenAll(
                NoteAsync(StoppedDatabase, raised: true, stopped, Soon),
                NoteAsync(BadRequests, raised: true, stopped, Soon));
        }
        finally
        {
            await enough.CancelAsync();
            await sending;
        }

        await _bed.Postgres.StartAsync(_cancel);
        long back = Stopwatch.GetTimestamp();
        await UntilTakenAsync();
        await UntilClearedAsync((StoppedDatabase, back), (BadRequests, back));
    }

    private async Task SendToNoDatabaseAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await IsTakenAsync();
            await Task.Delay(50, _cancel);
        }
    }

    private async Task<bool> IsTakenAsync()
    {
        var trace = new { trace_id = $"drill-{Interlocked.Increment(ref _traces)}", model_name = "gpt-4", user_query = "Is anybody there?", ai_response = "No." };
        using HttpResponseMessage answer = await _http.PostAsJsonAsync("/webhook/trace", trace, _cancel);
        BenchFailure.Unless((int)answer.StatusCode is 200 or 503, $"a trace was answered with {(int)answer.StatusCode} while the database was away");
        return answer.IsSuccessStatusCode;
    }

    private async Task UntilTakenAsync()
    {
        while (!await IsTakenAsync())
        {
            await Task.Delay(100, _cancel);
        }
    }

    private async Task NoteAsync(string rule, bool raised, long since, TimeSpan atMost)
    {
        Dictionary<Place, TimeSpan> seen = await _sightings.UntilAsync(rule, raised, since, atMost, _cancel);
        string times = string.Join(", ", seen.Select(s => $"{s.Key.ToString().ToLowerInvariant()} {s.Value.TotalSeconds:0.0}"));
        lock (_found)
        {
            string before = _found.GetValueOrDefault(rule, "");
            _found[rule] = raised ? $"{before}{(before.Length > 0 ? "; " : "")}{rule} raised ({times} s)" : $"{before}, cleared ({times} s)";
        }
    }

    private async Task SendBadRequestsAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            using HttpResponseMessage answer = await _http.PostAsJsonAsync("/webhook/trace", new { trace_id = "bad" }, _cancel);
            BenchFailure.Unless((int)answer.StatusCode is 400 or 422, $"a trace without a model was answered with {(int)answer.StatusCode}");
            await Task.Delay(100, _cancel);
        }
    }

    private async Task ReadWhatIsNotCachedAsync(CancellationToken enough)
    {
        var unread = new ConcurrentQueue<string>(_stored);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            while (!enough.IsCancellationRequested && unread.TryDequeue(out string? id))
            {
                using HttpResponseMessage answer = await _http.GetAsync(new Uri($"/api/traces/{id}", UriKind.Relative), _cancel);
                BenchFailure.Unless(answer.IsSuccessStatusCode, $"a trace that is stored was answered with {(int)answer.StatusCode}");
                await Task.Delay(250, _cancel);
            }
        }));
    }

    private async Task SendToAStalledDatabaseAsync(CancellationToken enough)
    {
        try
        {
            while (!enough.IsCancellationRequested)
            {
                _proxy.Stall();
                Task sending = Task.WhenAll(Enumerable.Range(0, 25).Select(_ => StoreAsync()));
                await Task.Delay(StallLength, _cancel);
                _proxy.Flow();
                await sending;
                await Task.Delay(FlowLength, _cancel);
            }
        }
        finally
        {
            _proxy.Flow();
        }
    }

    private async Task<string> StoreAsync()
    {
        string id = $"drill-{Interlocked.Increment(ref _traces)}";
        var trace = new { trace_id = id, model_name = "gpt-4", user_query = "What is tested?", ai_response = "Alerts." };
        using HttpResponseMessage answer = await _http.PostAsJsonAsync("/webhook/trace", trace, _cancel);
        BenchFailure.Unless(answer.IsSuccessStatusCode, $"a trace was answered with {(int)answer.StatusCode}");
        return id;
    }

    /// <returns>The secret.</returns>
    private async Task<string> SubscribeAsync(Uri receiver)
    {
        var wanted = new { url = receiver.AbsoluteUri, name = "drill", events = new[] { "system_updates" } };
        using HttpResponseMessage answer = await _http.PostAsJsonAsync("/api/subscriptions", wanted, _cancel);
        BenchFailure.Unless(answer.IsSuccessStatusCode, $"the subscription was answered with {(int)answer.StatusCode}");
        using JsonDocument made = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync(_cancel));
        return made.RootElement.GetProperty("secret").GetString()!;
    }

    public void Dispose() => _http.Dispose();
}
