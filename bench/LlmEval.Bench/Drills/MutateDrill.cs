using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Mutations;
using LlmEval.Bench.Runs;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Thousands of spoilt bodies to every endpoint that takes one: each gets an answer that blames the caller or none at all, soon;
/// memory stays where it was; and whatever was taken in can be read back.
/// </summary>
internal sealed class MutateDrill : IDisposable
{
    private const int Senders = 8;
    private const double MegaByte = 1e6;

    /// <summary>Past these, memory is not flat from the first half to the second. The collector takes its time to find a size.</summary>
    private const double MostGrowth = 1.25;

    private const double MostGrowthBytes = 128 * MegaByte;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly int[] Answers = [200, 400, 404, 409, 412, 413, 415, 422];

    private readonly ServerProcess _server;
    private readonly HttpClient _http;
    private readonly int _seed;
    private readonly Lock _gate = new();
    private readonly Latencies _times = new();
    private readonly SortedDictionary<int, int> _statuses = [];

    private MutateDrill(ServerProcess server, int seed)
    {
        _server = server;
        _seed = seed;
        _http = new HttpClient { BaseAddress = server.Url, Timeout = Patience };
    }

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        int bodies = settings.Times(brief: 400, whole: 10_000);
        await using TestBed? bed = settings.Sqlite ? null : await TestBed.StartAsync(settings.Arguments, big: false, redis: false, cancel, migrate: false);
        using Scratch? scratch = settings.Sqlite ? new Scratch(settings.Arguments.Has("keep")) : null;
        if (bed is not null)
        {
            await bed.Postgres.CreateDatabaseAsync("drill");
        }

        using ServerProcess server = bed?.Server("server", "drill") ?? ServerProcess.Product(scratch!, "server", []);
        await server.StartAsync(cancel);
        using var drill = new MutateDrill(server, settings.Random.Next());
        return await drill.RunAsync(bodies, cancel);
    }

    private static bool IsFlat(double before, double after) => after < Math.Max(before * MostGrowth, before + MostGrowthBytes);

    private async Task<string> RunAsync(int bodies, CancellationToken cancel)
    {
        for (int i = 0; i < MutationTarget.StoredTraces; i++)
        {
            await PostValidAsync(MutationTarget.StoredTrace(i), cancel);
        }

        await SendAsync(0, bodies / 2, cancel);
        double before = CpuMeter.ResidentBytes(_server.ProcessId);
        await SendAsync(bodies / 2, bodies, cancel);
        double after = CpuMeter.ResidentBytes(_server.ProcessId);
        if (!IsFlat(before, after))
        {
            // The heap may still have been finding its size. A leak goes on.
            before = after;
            await SendAsync(bodies, bodies * 3 / 2, cancel);
            after = CpuMeter.ResidentBytes(_server.ProcessId);
        }

        BenchFailure.Unless(IsFlat(before, after), $"the server's memory grew from {before / MegaByte:0} to {after / MegaByte:0} MB");

        await PostValidAsync(MutationTarget.StoredTrace(MutationTarget.StoredTraces), cancel);
        long read = await ReadBackAsync(cancel);
        CheckLog();
        return $"{bodies:N0} bodies, seed {_seed}; answers {string.Join(", ", _statuses.Select(s => $"{s.Key}: {s.Value:N0}"))}; p99 {_times.PercentileMs(99):0.0} ms, "
            + $"slowest {_times.MaxMs:0} ms; memory {before / MegaByte:0} MB before the last part of them, {after / MegaByte:0} MB at the end; all {read:N0} traces read back";
    }

    private Task SendAsync(int from, int to, CancellationToken cancel) => Parallel.ForEachAsync(
        Enumerable.Range(from, to - from),
        new ParallelOptions { MaxDegreeOfParallelism = Senders, CancellationToken = cancel },
        async (number, stop) => await SendAsync(number, stop));

    private async Task SendAsync(int number, CancellationToken cancel)
    {
        // Its own numbers: a body can be made again without those before it.
        var random = new Random(unchecked((_seed * 1_000_003) + number));
        MutationTarget target = MutationTarget.All[number % MutationTarget.All.Count];
        MutationTarget other = MutationTarget.All[random.Next(MutationTarget.All.Count)];
        Body body = Mutation.Of(target.Body(number), other.Body(number), random);
        string path = target.Path(random);
        using var request = new HttpRequestMessage(target.Method, path) { Content = new ByteArrayContent(body.Bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(target.MediaType);
        if (body.Encoding is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", body.Encoding);
        }

        string what = $"body {number} of seed {_seed} ({target.Method} {path}, {body.How}, {Excerpt(body.Bytes)})";
        long began = Stopwatch.GetTimestamp();
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, cancel);
            byte[] says = await answer.Content.ReadAsByteArrayAsync(cancel);
            Check(answer, says, what);
            lock (_gate)
            {
                _times.Add(Stopwatch.GetTimestamp() - began);
                _statuses[(int)answer.StatusCode] = _statuses.GetValueOrDefault((int)answer.StatusCode) + 1;
            }
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            throw new BenchFailure($"{what} was not answered: {fault.Message}\n{_server.Process.LastWords()}");
        }
    }

    private static void Check(HttpResponseMessage answer, byte[] says, string what)
    {
        int status = (int)answer.StatusCode;
        string text = Encoding.UTF8.GetString(says);
        BenchFailure.Unless(Answers.Contains(status), $"{what} was answered with {status}: {text}");
        using JsonDocument json = Parse(says, $"the answer to {what}");
        bool isProblem = answer.Content.Headers.ContentType?.MediaType == "application/problem+json";
        BenchFailure.Unless(isProblem == (status != 200), $"{what} was answered with {status} as {answer.Content.Headers.ContentType}: {text}");
        BenchFailure.Unless(
            !isProblem || (json.RootElement.GetProperty("status").GetInt32() == status && json.RootElement.GetProperty("errors").GetArrayLength() > 0),
            $"{what} was answered without saying what is wrong: {text}");
    }

    private async Task PostValidAsync(string trace, CancellationToken cancel)
    {
        using var content = new StringContent(trace, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _http.PostAsync(new Uri("/webhook/trace", UriKind.Relative), content, cancel);
        BenchFailure.Unless(answer.IsSuccessStatusCode, $"a good trace was answered with {await answer.Content.ReadAsStringAsync(cancel)}");
    }

    /// <summary>The export, line by line, and the list, page by page: each holds as many traces as the figures say.</summary>
    private async Task<long> ReadBackAsync(CancellationToken cancel)
    {
        using JsonDocument stats = await GetAsync("/webhook/stats", cancel);
        long total = stats.RootElement.GetProperty("total_traces").GetInt64();

        long exported = 0;
        using (var reader = new StreamReader(await _http.GetStreamAsync(new Uri("/api/traces/export?format=jsonl", UriKind.Relative), cancel)))
        {
            while (await reader.ReadLineAsync(cancel) is { } line)
            {
                using JsonDocument trace = Parse(Encoding.UTF8.GetBytes(line), "a line of the export");
                exported++;
            }
        }

        BenchFailure.Unless(exported == total, $"the figures say {total} traces, the export holds {exported}");

        long listed = 0;
        string? cursor = null;
        do
        {
            using JsonDocument page = await GetAsync($"/api/traces?limit=500{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}", cancel);
            listed += page.RootElement.GetProperty("items").GetArrayLength();
            cursor = page.RootElement.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        BenchFailure.Unless(listed == total, $"the figures say {total} traces, the list holds {listed}");
        return total;
    }

    private async Task<JsonDocument> GetAsync(string path, CancellationToken cancel) =>
        Parse(await _http.GetByteArrayAsync(new Uri(path, UriKind.Relative), cancel), path);

    private static JsonDocument Parse(byte[] json, string what)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1_000 });
        }
        catch (JsonException fault)
        {
            throw new BenchFailure($"{what} is not JSON: {fault.Message}\n{Excerpt(json)}");
        }
    }

    private void CheckLog()
    {
        string[] errors = [.. File.ReadLines(_server.Process.LogPath).Where(line => line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("crit:", StringComparison.Ordinal))];
        BenchFailure.Unless(errors.Length == 0, $"the server logged {errors.Length} errors:\n{_server.Process.LastWords()}");
    }

    private static string Excerpt(byte[] body) => $"{body.Length:N0} bytes: {JsonSerializer.Serialize(Encoding.Latin1.GetString(body.AsSpan(0, Math.Min(body.Length, 1_500))))}";

    public void Dispose() => _http.Dispose();
}
