using System.Net.Http.Json;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using Microsoft.Playwright;

namespace LlmEval.Bench.Watching;

/// <summary>The list of traces in browsers, open at each replica behind a proxy. Whatever becomes of its replica, a page shows what comes.</summary>
internal sealed class ReplicaPages : IAsyncDisposable
{
    private const string Model = "watched";
    private const string Query = "Does the page show this?";
    private const string Response = "It has to.";
    private const int MostTried = 40;

    private static readonly TimeSpan Shown = TimeSpan.FromSeconds(30);

    private readonly Chromium _chromium;
    private readonly HttpClient _http;
    private readonly Dictionary<string, IPage> _pages = [];
    private readonly List<string> _sent = [];
    private readonly long _run = Random.Shared.NextInt64();

    private ReplicaPages(Chromium chromium, Uri proxy)
    {
        _chromium = chromium;
        _http = new HttpClient { BaseAddress = proxy, Timeout = TimeSpan.FromSeconds(10) };
    }

    /// <summary>The traces that were sent to be seen, each with what it says.</summary>
    public IEnumerable<(string Id, string Content)> Sent => _sent.Select(id => (id, TraceContent.Hash(Model, Query, Response, 0, 0, 0)));

    public static async Task<ReplicaPages> OpenAsync(Uri proxy, int replicas)
    {
        var pages = new ReplicaPages(await Chromium.StartAsync(), proxy);
        try
        {
            // The proxy sends a new browser to any of them, and keeps it there.
            for (int tried = 0; pages._pages.Count < replicas; tried++)
            {
                BenchFailure.Unless(tried < MostTried, $"{MostTried} browsers came to {pages._pages.Count} of {replicas} replicas");
                IPage page = await pages._chromium.OpenAsync(new Uri(proxy, $"/traces?model_name={Model}"));
                string replica = await page.EvaluateAsync<string>("fetch('/webhook/stats').then(a => a.json()).then(s => s.performance.replica)");
                if (!pages._pages.TryAdd(replica, page))
                {
                    await page.CloseAsync();
                }
            }

            return pages;
        }
        catch
        {
            await pages.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a trace, which every page has to show.</summary>
    public async Task ShowAsync(CancellationToken cancel)
    {
        string id = $"{_run:x16}-{_sent.Count:x16}";
        _sent.Add(id);
        await SendAsync(id, cancel);
        await Task.WhenAll(_pages.Select(async entry =>
        {
            try
            {
                await entry.Value.Locator($"tr[data-trace=\"{id}\"]").WaitForAsync(new() { Timeout = (float)Shown.TotalMilliseconds });
            }
            catch (TimeoutException)
            {
                throw new BenchFailure($"the page that was opened at {entry.Key} does not show a new trace after {Shown.TotalSeconds:0} s");
            }
        }));
    }

    // The replica that has it in its hands may be the one that was killed.
    private async Task SendAsync(string id, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await _http.PostAsJsonAsync(
                    "/webhook/trace", new { trace_id = id, model_name = Model, user_query = Query, ai_response = Response }, cancel);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }

                BenchFailure.Unless((int)answer.StatusCode is 502 or 503 or 504, $"a trace was answered with {(int)answer.StatusCode}");
            }
            catch (HttpRequestException)
            {
            }

            await Task.Delay(100, cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _chromium.DisposeAsync();
    }
}
