// Sends a trace with HttpClient and follows the stream until it is announced:  dotnet run send.cs   (.NET 10)
#:property PublishAot=false
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

var url = new Uri(Environment.GetEnvironmentVariable("LLM_EVAL_BASE_URL") ?? "http://localhost:8000");
using var http = new HttpClient { BaseAddress = url };
if (Environment.GetEnvironmentVariable("LLM_EVAL_API_KEY") is { Length: > 0 } key)
{
    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
}

// Open the stream first: what is stored from now on is announced on it.
using Stream events = await http.GetStreamAsync("/stream/events");
using var lines = new StreamReader(events);

string traceId = $"csharp-{Guid.NewGuid()}";
var trace = new Dictionary<string, object?>
{
    ["trace_id"] = traceId,
    ["model_name"] = "gpt-4",
    ["user_query"] = "What is the capital of France?",
    ["ai_response"] = "Paris.",
    ["tokens_used"] = 25,
    ["response_time_ms"] = 850,
    ["cost"] = 0.002m,
    ["metadata"] = new { temperature = 0.7 },
};
Console.WriteLine(await SendAsync(trace));

while (await lines.ReadLineAsync() is { } line)
{
    if (line.StartsWith("data: ", StringComparison.Ordinal))
    {
        using JsonDocument envelope = JsonDocument.Parse(line["data: ".Length..]);
        JsonElement data = envelope.RootElement.GetProperty("data");
        if (data.TryGetProperty("trace_id", out JsonElement id) && id.GetString() == traceId)
        {
            Console.WriteLine($"Announced: {envelope.RootElement.GetProperty("event")} {data.GetProperty("action")}");
            return;
        }
    }
}

// The same trace again is safe, so a lost answer or a busy server is simply another try.
async Task<string> SendAsync(object body)
{
    for (int attempt = 1; ; attempt++)
    {
        try
        {
            using HttpResponseMessage answer = await http.PostAsJsonAsync("/webhook/trace", body);
            bool passing = (int)answer.StatusCode is 408 or 429 or 502 or 503 or 504;
            if (!passing || attempt == 4)
            {
                string text = await answer.Content.ReadAsStringAsync();
                return answer.IsSuccessStatusCode ? text : throw new InvalidOperationException($"{(int)answer.StatusCode}: {text}");
            }

            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(attempt));
        }
        catch (HttpRequestException) when (attempt < 4)
        {
            await Task.Delay(TimeSpan.FromSeconds(attempt));
        }
    }
}
