using System.Text.Json;

namespace LlmEval.Bench.Watching;

/// <summary>Reads alerts from the event stream of a server.</summary>
internal static class AlertStream
{
    public static async Task WatchAsync(Uri server, Sightings sightings, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            await using Stream stream = await http.GetStreamAsync(new Uri("/stream/events", UriKind.Relative), stop);
            using var lines = new StreamReader(stream);
            while (await lines.ReadLineAsync(stop) is { } line)
            {
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    Take(line[6..], sightings);
                }
            }

            sightings.Fail("the stream ended");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            sightings.Fail($"the stream broke: {e.Message}");
        }
    }

    private static void Take(string json, Sightings sightings)
    {
        using JsonDocument envelope = JsonDocument.Parse(json);
        if (envelope.RootElement.GetProperty("event").GetString() == "system_updates")
        {
            AlertFrame.Take(envelope.RootElement, Place.Stream, sightings);
        }
    }
}

/// <summary>What an event of an alert says.</summary>
internal static class AlertFrame
{
    public static void Take(JsonElement envelope, Place place, Sightings sightings)
    {
        JsonElement data = envelope.GetProperty("data");
        string? action = data.GetProperty("action").GetString();
        if (action is "alert_raised" or "alert_cleared")
        {
            sightings.Saw(place, data.GetProperty("rule").GetString()!, action == "alert_raised");
        }
    }
}
