using System.Globalization;
using System.Text.Json;

namespace LlmEval.Tests.Support;

/// <summary>What stood between two blank lines of an event stream.</summary>
internal sealed record StreamFrame(long? Id, string? Data, string? Comment, int? Retry)
{
    /// <summary>The event as the guide prints it: <c>event</c>, <c>data</c>, <c>timestamp</c>.</summary>
    public JsonElement Event => JsonElement.Parse(Data!);

    /// <summary><c>connected</c>, <c>trace_updates</c> …; null for a heartbeat.</summary>
    public string? Name => Data is null ? null : Event.GetProperty("event").GetString();

    public JsonElement Body => Event.GetProperty("data");
}

/// <summary>An open event stream, read frame by frame.</summary>
internal sealed class TestStream : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _lines;

    private TestStream(HttpResponseMessage answer, StreamReader lines)
    {
        _answer = answer;
        _lines = lines;
    }

    public HttpResponseMessage Answer => _answer;

    public static async Task<TestStream> OpenAsync(HttpClient http, string path, long? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is { } id)
        {
            request.Headers.Add("Last-Event-ID", id.ToString(CultureInfo.InvariantCulture));
        }

        HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return new TestStream(answer, new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
    }

    /// <summary>The next frame, a heartbeat included.</summary>
    /// <returns>Null when the server has ended the stream.</returns>
    public async Task<StreamFrame?> NextFrameAsync(TimeSpan? patience = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(patience ?? Patience);
        var frame = new StreamFrame(null, null, null, null);
        bool empty = true;
        while (await _lines.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Length > 0)
            {
                frame = Add(frame, line);
                empty = false;
            }
            else if (!empty)
            {
                return frame;
            }
        }

        return null;
    }

    /// <summary>The next event; heartbeats and what only sets the retry time are passed over.</summary>
    public async Task<StreamFrame> NextAsync(TimeSpan? patience = null)
    {
        while (true)
        {
            StreamFrame? frame = await NextFrameAsync(patience);
            Assert.True(frame is not null, "The server has ended the stream.");
            if (frame.Data is not null)
            {
                return frame;
            }
        }
    }

    /// <summary>The next event of this name; others are passed over.</summary>
    public async Task<StreamFrame> NextAsync(string name, TimeSpan? patience = null)
    {
        while (true)
        {
            StreamFrame frame = await NextAsync(patience);
            if (frame.Name == name)
            {
                return frame;
            }
        }
    }

    /// <summary>Reads until the server has ended the stream; fails when it has not.</summary>
    public async Task EndAsync(TimeSpan? patience = null)
    {
        var left = System.Diagnostics.Stopwatch.StartNew();
        TimeSpan all = patience ?? Patience;
        while (await NextFrameAsync(all - left.Elapsed is { Ticks: > 0 } rest ? rest : TimeSpan.Zero) is not null)
        {
        }
    }

    private static StreamFrame Add(StreamFrame frame, string line)
    {
        string[] parts = line.Split(": ", 2);
        string value = parts.Length > 1 ? parts[1] : "";
        return parts[0] switch
        {
            "id" => frame with { Id = long.Parse(value, CultureInfo.InvariantCulture) },
            "data" => frame with { Data = frame.Data is null ? value : frame.Data + "\n" + value },
            "retry" => frame with { Retry = int.Parse(value, CultureInfo.InvariantCulture) },
            "" => frame with { Comment = value },
            _ => throw new InvalidDataException($"Not a line of an event stream as we write it: {line}"),
        };
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        _answer.Dispose();
        return ValueTask.CompletedTask;
    }
}
