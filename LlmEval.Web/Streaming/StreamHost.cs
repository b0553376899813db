using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Web.Access;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Streaming;

/// <summary>Runs the streams that follow the event log: begins them, feeds them until they end, and ends them cleanly.</summary>
internal sealed class StreamHost(
    EventFeed feed,
    EventHub hub,
    EventLog log,
    StorageReadiness readiness,
    IOptions<EventOptions> options,
    IHostApplicationLifetime lifetime,
    ReaderMetrics readers,
    RightsWatch rights,
    EventNotices notices,
    TimeProvider time)
{
    /// <summary>What browsers wait before they connect again.</summary>
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    public TimeSpan Heartbeat => TimeSpan.FromSeconds(options.Value.HeartbeatSeconds);

    /// <param name="readFirst">Reads the event that comes between <c>connected</c> and the others; null for none.</param>
    public Task RunAsync(
        HttpContext context, StreamKind kind, string clientId, EventFilter filter, Func<StreamPosition, CancellationToken, Task<ReadOnlyMemory<byte>?>>? readFirst = null) =>
        RunUntilEndAsync(context, kind, async (stream, end) =>
        {
            StreamPosition position = await StreamPosition.OfAsync(context.Request, hub, log, end);
            using EventReader reader = feed.OpenAfter(position.After, filter);

            // Before anything is written: a database that is away is then answered as such.
            ReadOnlyMemory<byte>? first = readFirst is null ? null : await readFirst(position, end);
            stream.WriteRetry(Retry);
            stream.WriteEvent(position.After, StreamEnvelope.Connected(clientId, time.UtcNow()).Span);
            if (position.ResetReason is { } reason)
            {
                stream.WriteEvent(position.After, StreamEnvelope.Reset(reason, position.Oldest, position.After, time.UtcNow()).Span);
            }

            if (first is { } json)
            {
                stream.WriteEvent(position.After, json.Span);
            }

            await stream.FlushAsync();
            await FollowAsync(stream, reader, filter, end);
        });

    /// <summary>Runs a stream of any kind; its ordinary ends are not errors.</summary>
    public async Task RunUntilEndAsync(HttpContext context, StreamKind kind, Func<EventStream, CancellationToken, Task> run)
    {
        readiness.ThrowIfNotReady();
        using IDisposable open = readers.EnterStream(kind);
        using CancellationTokenSource? limit = Caller.Of(context).Until is { } until ? new CancellationTokenSource(Left(until), time) : null;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping, limit?.Token ?? default);
        Task watching = rights.WatchAsync(Caller.Of(context), Rights.Read, end);
        EventStream stream = EventStream.Begin(context, time, options.Value, end.Token);
        try
        {
            // A stream waits for the task that all share: its own end has to wake it, or it would be counted until the next heartbeat.
            await using CancellationTokenRegistration waking = end.Token.UnsafeRegister(static hub => ((EventHub)hub!).WakeToEnd(), hub);
            await hub.Started.WaitAsync(end.Token);
            await run(stream, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The peer left, its rights ended, or the process stops: the response just ends.
        }
        catch (StalledPeerException)
        {
            context.Abort();
        }
        finally
        {
            await end.CancelAsync();
            await watching;
        }
    }

    private TimeSpan Left(DateTime until) => until - time.UtcNow() is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    private async Task FollowAsync(EventStream stream, EventReader reader, EventFilter filter, CancellationToken end)
    {
        long noticed = notices.Last;
        var events = new List<LogEvent>();
        while (true)
        {
            // Taken first: an end after this look wakes it.
            Task changed = reader.Changed;
            if (end.IsCancellationRequested)
            {
                return;
            }

            noticed = await WriteNoticesAsync(stream, filter, noticed);
            EventRead read = await ReadAsync(reader, events, end);
            if (read == EventRead.Lost)
            {
                const string Reason = "The reader fell so far behind that events are no longer kept.";
                stream.WriteEvent(reader.Position, StreamEnvelope.Reset(Reason, reader.Position + 1, reader.Position, time.UtcNow()).Span);
                await stream.FlushAsync();
            }
            else if (events.Count > 0)
            {
                await stream.WriteAsync(events);
                await stream.FlushAsync();
            }
            else if (stream.IsSilent)
            {
                // Also while it catches up on events of which its filter takes none: the peer keeps its place.
                stream.WriteHeartbeat(reader.Position);
                await stream.FlushAsync();
            }

            if (read == EventRead.CaughtUp)
            {
                // One task that all streams share: it completes with the next event, heartbeat or end.
                await changed;
            }
        }
    }

    private async ValueTask<long> WriteNoticesAsync(EventStream stream, EventFilter filter, long after)
    {
        long last = notices.Last;
        if (last > after)
        {
            foreach (LogEvent notice in notices.Between(after, last, filter))
            {
                stream.WriteEvent(id: null, notice.Payload.Span);
            }

            await stream.FlushAsync();
        }

        return last;
    }

    // While the database is away, a reader that needs it waits; the ring serves the others.
    private async Task<EventRead> ReadAsync(EventReader reader, List<LogEvent> events, CancellationToken end)
    {
        while (true)
        {
            try
            {
                return await reader.ReadAsync(events, end);
            }
            catch (Exception e) when (Outage.Is(e) && !end.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time, end);
            }
        }
    }
}
