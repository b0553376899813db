using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;

namespace LlmEval.Web.Streaming;

/// <summary>Feeds one stream from the event log, until it ends.</summary>
/// <param name="look">How often a stream that waits for the database is looked after.</param>
internal sealed class StreamFollower(EventStream stream, EventReader reader, EventFilter filter, EventNotices notices, TimeSpan look, TimeProvider time)
{
    private static readonly TimeSpan AfterOutage = TimeSpan.FromSeconds(1);

    private readonly List<LogEvent> _events = [];
    private long _noticed = notices.Last;

    public async Task RunAsync(CancellationToken end)
    {
        while (true)
        {
            // Taken first: an end after this look wakes it.
            Task changed = reader.Changed;
            if (end.IsCancellationRequested)
            {
                return;
            }

            await WriteNoticesAsync();
            ValueTask<EventRead> reading = reader.ReadAsync(_events, end);
            EventRead read = reading.IsCompletedSuccessfully ? reading.Result : await WaitAsync(reading.AsTask(), end);
            if (read == EventRead.Lost)
            {
                const string Reason = "The reader fell so far behind that events are no longer kept.";
                stream.WriteEvent(reader.Position, StreamEnvelope.Reset(Reason, reader.Position + 1, reader.Position, time.UtcNow()).Span);
                await stream.FlushAsync();
            }
            else if (_events.Count > 0)
            {
                await stream.WriteAsync(_events);
                await stream.FlushAsync();
            }
            else
            {
                // Also while it catches up on events of which its filter takes none: the peer keeps its place.
                await WriteHeartbeatAsync(reader.Position);
            }

            if (read == EventRead.CaughtUp)
            {
                // One task that all streams share: it completes with the next event, heartbeat or end.
                await changed;
            }
        }
    }

    /// <summary>Waits for a page of the log, which may take as long as the database is away: the ring serves the others. Meanwhile the peer hears of it.</summary>
    private async Task<EventRead> WaitAsync(Task<EventRead> first, CancellationToken end)
    {
        // The reader moves when it has the page.
        long position = reader.Position;
        Task<EventRead> reading = UntilReadAsync(first, end);
        while (!reading.IsCompleted && !end.IsCancellationRequested)
        {
            Task noticed = notices.Changed;
            await WriteNoticesAsync();
            await WriteHeartbeatAsync(position);
            using var rest = CancellationTokenSource.CreateLinkedTokenSource(end);
            await Task.WhenAny(reading, noticed, Task.Delay(look, time, rest.Token));
            await rest.CancelAsync();
        }

        return await reading;
    }

    private async Task<EventRead> UntilReadAsync(Task<EventRead> reading, CancellationToken end)
    {
        while (true)
        {
            try
            {
                return await reading;
            }
            catch (Exception e) when (Outage.Is(e) && !end.IsCancellationRequested)
            {
                await Task.Delay(AfterOutage, time, end);
                reading = reader.ReadAsync(_events, end).AsTask();
            }
        }
    }

    private async ValueTask WriteNoticesAsync()
    {
        long last = notices.Last;
        if (last > _noticed)
        {
            foreach (LogEvent notice in notices.Between(_noticed, last, filter))
            {
                stream.WriteEvent(id: null, notice.Payload.Span);
            }

            _noticed = last;
            await stream.FlushAsync();
        }
    }

    private async ValueTask WriteHeartbeatAsync(long position)
    {
        if (stream.IsSilent)
        {
            stream.WriteHeartbeat(position);
            await stream.FlushAsync();
        }
    }
}
