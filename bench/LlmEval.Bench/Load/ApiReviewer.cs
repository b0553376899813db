using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace LlmEval.Bench.Load;

/// <summary>Judges traces over the API, one after another, as a person does: who is turned away tries again.</summary>
internal sealed class ApiReviewer(Uri server, string name, Random random) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http = new() { BaseAddress = server, Timeout = TimeSpan.FromSeconds(5) };

    public string Name => name;

    /// <summary>Traces whose verdict was confirmed.</summary>
    public HashSet<string> Judged { get; } = [];

    public TimeSpan LongestPause { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        long last = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (await JudgeAsync(stop) is { } traceId)
                {
                    Judged.Add(traceId);
                    TimeSpan pause = Stopwatch.GetElapsedTime(last);
                    LongestPause = pause > LongestPause ? pause : LongestPause;
                    last = Stopwatch.GetTimestamp();
                }

                await Task.Delay(Pause, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
            {
                // A replica went away with the answer: the same again, on another.
            }
        }
    }

    private async Task<string?> JudgeAsync(CancellationToken stop)
    {
        using HttpResponseMessage list = await _http.GetAsync(new Uri("/api/traces?status=pending&fields=summary&limit=20", UriKind.Relative), stop);
        if (!list.IsSuccessStatusCode)
        {
            return null;
        }

        using JsonDocument page = JsonDocument.Parse(await list.Content.ReadAsStreamAsync(stop));
        JsonElement items = page.RootElement.GetProperty("items");
        if (items.GetArrayLength() == 0)
        {
            return null;
        }

        string traceId = items[random.Next(items.GetArrayLength())].GetProperty("trace_id").GetString()!;
        using HttpResponseMessage answer = await _http.PostAsJsonAsync(
            new Uri("/api/evaluations", UriKind.Relative), new { trace_id = traceId, status = "accepted", evaluator = name }, stop);
        int status = (int)answer.StatusCode;
        BenchFailure.Unless(status is 200 or 409 or 502 or 503 or 504, $"a verdict was answered with {status}");
        return status == 200 ? traceId : null;
    }

    public void Dispose() => _http.Dispose();
}
