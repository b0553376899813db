using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using LlmEval.Core.Events;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace LlmEval.Web.Streaming;

/// <summary>The peer took no byte for so long that its connection is given up; it resumes from its last id.</summary>
internal sealed class StalledPeerException() : Exception("The peer does not read.");

/// <summary>
/// Writes Server-Sent Events by hand onto the response: frames that are already encoded, heartbeats as comments, and an end as
/// soon as the process stops. The framework's own result has no heartbeat and holds a shutdown for 30 seconds.
/// </summary>
internal sealed class EventStream
{
    /// <summary>How much is written between two looks at whether the peer still reads.</summary>
    private const int FlushBytes = 32 * 1_024;

    private readonly PipeWriter _output;
    private readonly TimeProvider _time;
    private readonly TimeSpan _heartbeat;
    private readonly TimeSpan _stallLimit;
    private readonly CancellationToken _end;
    private long _lastWrite;

    private EventStream(HttpContext context, TimeProvider time, EventOptions options, CancellationToken end)
    {
        _output = context.Response.BodyWriter;
        _time = time;
        _heartbeat = TimeSpan.FromSeconds(options.HeartbeatSeconds);
        _stallLimit = TimeSpan.FromSeconds(options.StallSeconds);
        _end = end;
        _lastWrite = time.GetTimestamp();
    }

    /// <param name="end">Ends the stream: the peer is gone or the process stops.</param>
    public static EventStream Begin(HttpContext context, TimeProvider time, EventOptions options, CancellationToken end)
    {
        HttpResponse response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            // Kestrel would cut off a slow reader after 5 s; the stall limit here decides.
            rate.MinDataRate = null;
        }

        return new EventStream(context, time, options, end);
    }

    /// <summary>Tells browsers how long to wait before they connect again.</summary>
    public void WriteRetry(TimeSpan after)
    {
        Write("retry: "u8);
        WriteNumber((long)after.TotalMilliseconds);
        Write("\n\n"u8);
    }

    /// <summary>Writes an event that is not in the log.</summary>
    /// <param name="id">The position at which the stream stands; null leaves the reader's as it is.</param>
    public void WriteEvent(long? id, ReadOnlySpan<byte> json)
    {
        if (id is { } position)
        {
            Write("id: "u8);
            WriteNumber(position);
            Write("\n"u8);
        }

        Write("data: "u8);
        Write(json);
        Write("\n\n"u8);
    }

    /// <summary>A comment that keeps proxies awake, with the id that moves the cursor of a filtered stream.</summary>
    public void WriteHeartbeat(long? position)
    {
        Write(": hb\n"u8);
        if (position is { } id)
        {
            Write("id: "u8);
            WriteNumber(id);
            Write("\n"u8);
        }

        Write("\n"u8);
    }

    public async ValueTask WriteAsync(IReadOnlyList<LogEvent> events)
    {
        foreach (LogEvent e in events)
        {
            Write(e.Frame.Span);
            if (_output.UnflushedBytes >= FlushBytes)
            {
                await FlushAsync();
            }
        }
    }

    /// <summary>Whether nothing was written for so long that a heartbeat is due.</summary>
    /// <remarks>Wake-ups come at half the interval: a margin lets the one before the limit count.</remarks>
    public bool IsSilent => _time.GetElapsedTime(_lastWrite) >= _heartbeat * 0.49;

    /// <exception cref="StalledPeerException"/>
    /// <exception cref="OperationCanceledException">The stream has ended.</exception>
    public async ValueTask FlushAsync()
    {
        _lastWrite = _time.GetTimestamp();
        ValueTask<FlushResult> flush = _output.FlushAsync(_end);
        if (flush.IsCompletedSuccessfully)
        {
            return;
        }

        try
        {
            await flush.AsTask().WaitAsync(_stallLimit, _time, _end);
        }
        catch (TimeoutException)
        {
            throw new StalledPeerException();
        }
    }

    private void Write(ReadOnlySpan<byte> bytes) => _output.Write(bytes);

    private void WriteNumber(long number)
    {
        Span<byte> digits = _output.GetSpan(20);
        number.TryFormat(digits, out int written, provider: CultureInfo.InvariantCulture);
        _output.Advance(written);
    }
}
