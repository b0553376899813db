using System.Diagnostics;
using System.Text.Json;
using LlmEval.Bench.Load;

namespace LlmEval.Bench.Runs;

/// <summary>What is asked of a big database, as a page or an app asks it.</summary>
internal sealed class ScaleQueries(HttpClient http, DateTime begin, int days, int repeats)
{
    private const string List = "/api/traces?limit=50";

    public sealed record Timing(string Name, string Says, Latencies Times, int Rows);

    public async Task<IReadOnlyList<Timing>> RunAsync(CancellationToken cancel) =>
    [
        await TimeAsync("overview", "GET /webhook/stats", _ => "/webhook/stats", cancel),
        await TimeAsync("newest 50", "GET /api/traces", _ => List, cancel),
        await TimeAsync(
            "by model and status, frequent", "status pending",
            i => $"{List}&model_name={TraceBodies.Models[i % 3]}&status=pending{Until(i)}", cancel),
        await TimeAsync(
            "by model and status, rare", "status rejected, the two models with 4 % each",
            i => $"{List}&model_name={TraceBodies.Models[6 + (i % 2)]}&status=rejected{Until(i)}", cancel),
        await TimePageAsync("page 1,000 of the list", "", cancel),
        await TimePageAsync("page 1,000 by model and status", $"&model_name={TraceBodies.Models[0]}&status=pending", cancel),
        await TimeAsync("text, rare word", $"q={TraceBodies.RareWord}", _ => $"{List}&q={TraceBodies.RareWord}", cancel),
        await TimeAsync("text, common word", $"q={TraceBodies.CommonWord}", _ => $"{List}&q={TraceBodies.CommonWord}", cancel),
        await TimeAsync("text, word of the oldest 1 % only", $"q={TraceBodies.OldWord}", _ => $"{List}&q={TraceBodies.OldWord}", cancel),
        await TimeAsync("text, beginning of a word", "q=a*", _ => $"{List}&q=a*", cancel),
        await TimeAsync("metadata, one in three", "metadata.region=eu (no index)", _ => $"{List}&metadata.region=eu", cancel),
        await TimeAsync(
            "metadata, none",
            "metadata.region=nowhere (no index), one week",
            i => $"{List}&metadata.region=nowhere{Week(i)}",
            cancel,
            atMost: 10),
        await TimeAsync(
            "metadata, none, first page",
            "metadata.region=nowhere (no index), the whole month",
            _ => $"{List}&metadata.region=nowhere",
            cancel,
            atMost: 5),
    ];

    // Lists that end at different days do not all find the same rows warm.
    private string Until(int i) => $"&to={begin.AddDays(days - (i % days)):yyyy-MM-dd'T'HH:mm:ss'Z'}";

    private string Week(int i)
    {
        DateTime from = begin.AddDays(i % (days - 7));
        return $"&from={from:yyyy-MM-dd'T'HH:mm:ss'Z'}&to={from.AddDays(7):yyyy-MM-dd'T'HH:mm:ss'Z'}";
    }

    private async Task<Timing> TimePageAsync(string name, string filter, CancellationToken cancel)
    {
        string path = List + filter;
        string cursor = "";
        for (int page = 1; page < 1_000; page++)
        {
            using JsonDocument list = JsonDocument.Parse(await http.GetStringAsync(new Uri(path + cursor, UriKind.Relative), cancel));
            string? next = list.RootElement.GetProperty("next_cursor").GetString();
            if (next is null)
            {
                return new Timing(name, $"the list has only {page} pages", new Latencies(), 0);
            }

            cursor = $"&cursor={Uri.EscapeDataString(next)}";
        }

        return await TimeAsync(name, "by its cursor", _ => path + cursor, cancel);
    }

    private async Task<Timing> TimeAsync(string name, string says, Func<int, string> path, CancellationToken cancel, int? atMost = null)
    {
        var times = new Latencies();
        int rows = 0;
        int count = Math.Min(repeats, atMost ?? repeats);
        int warmUp = Math.Min(5, count);
        for (int i = 0; i < warmUp + count; i++)
        {
            long began = Stopwatch.GetTimestamp();
            using HttpResponseMessage answer = await http.GetAsync(new Uri(path(i), UriKind.Relative), cancel);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(cancel);
            long took = Stopwatch.GetTimestamp() - began;
            if (!answer.IsSuccessStatusCode)
            {
                return new Timing(name, $"{path(i)} answered {(int)answer.StatusCode}", new Latencies(), 0);
            }

            if (i >= warmUp)
            {
                times.Add(took);
                rows = CountItems(body);
            }
        }

        return new Timing(name, says, times, rows);
    }

    private static int CountItems(byte[] body)
    {
        using JsonDocument answer = JsonDocument.Parse(body);
        return answer.RootElement.TryGetProperty("items", out JsonElement items) ? items.GetArrayLength() : 1;
    }
}
