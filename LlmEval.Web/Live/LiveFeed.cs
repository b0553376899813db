using LlmEval.Core.Events;

namespace LlmEval.Web.Live;

/// <summary>
/// One page's place in the event log. It hands on what happened in batches: the first at once, then at most one an interval, and
/// none while the browser is away. What wakes hundreds of pages at one moment does not keep them in step: the rest after the first
/// batch is longer by a part of the interval that each feed has to itself. It holds a position, not a queue: a page that was away reads on from where it was, or is
/// told to read anew.
/// </summary>
public sealed partial class LiveFeed : IAsyncDisposable
{
    /// <summary>With 0.3 s a row of a busy list came too late (309 ms in the median), and the browser had no less to do: what it does is by the row.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Further behind than this, reading the list again is cheaper than going through the events.</summary>
    public const int MostBehind = 2_048;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly EventFeed _events;
    private readonly EventHub _hub;
    private readonly CircuitLink _link;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly EventFilter _filter;
    private readonly double _phase;
    private readonly Func<LiveBatch, Task> _deliver;
    private readonly Func<Task>? _signal;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<LogEvent> _read = [];
    private readonly Task _running;

    // Used by the loop alone, once it runs. Null when the log is not followed: no event wakes such a feed.
    private EventReader? _reader;

    internal LiveFeed(
        EventFeed events,
        EventHub hub,
        CircuitLink link,
        TimeProvider time,
        ILogger log,
        EventFilter filter,
        double phase,
        Func<LiveBatch, Task> deliver,
        Func<Task>? signal)
    {
        _events = events;
        _hub = hub;
        _link = link;
        _time = time;
        _log = log;
        _filter = filter;
        _phase = phase;
        _deliver = deliver;
        _signal = signal;

        // Here and not in the loop: what the caller reads from the database after this call is not older than the position.
        bool hubIsStarted = hub.Started.IsCompleted;
        _reader = filter.TakesNothing ? null : events.OpenLive(filter);
        CancellationToken stop = _stop.Token;
        _running = Task.Run(() => RunAsync(hubIsStarted, stop), CancellationToken.None);
    }

    private async Task RunAsync(bool hubIsStarted, CancellationToken stop)
    {
        try
        {
            Task? signalled = _signal?.Invoke();
            long? last = null;
            LiveBatch? late = hubIsStarted || _reader is null ? null : await StartLateAsync(stop);
            while (true)
            {
                await _link.Connected.WaitAsync(stop);
                Task? changed = _reader?.Changed;
                LiveBatch? batch = late ?? (_reader is null ? null : await ReadAsync(_reader, stop));
                late = null;
                if (signalled is { IsCompleted: true })
                {
                    signalled = _signal!();
                    batch = (batch ?? new LiveBatch([], Missed: false)) with { Signalled = true };
                }

                if (batch is null)
                {
                    await WokenBy(changed, signalled).WaitAsync(stop);
                    continue;
                }

                long began = _time.GetTimestamp();
                await _deliver(batch);
                bool wasQuiet = last is null || _time.GetElapsedTime(last.Value, began) > 2 * Interval;
                last = began;
                TimeSpan rest = (wasQuiet ? Interval * (1 + _phase) : Interval) - _time.GetElapsedTime(began);
                if (rest > TimeSpan.Zero)
                {
                    await Task.Delay(rest, _time, stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        finally
        {
            _reader?.Dispose();
        }
    }

    private static Task WokenBy(Task? changed, Task? signalled) => (changed, signalled) switch
    {
        ({ } log, null) => log,
        (null, { } signal) => signal,
        ({ } log, { } signal) => Task.WhenAny(log, signal),
        _ => new TaskCompletionSource().Task,
    };

    /// <summary>Before the hub knows where the log ends, a position in it means nothing, and what was read then may be older than the end.</summary>
    private async Task<LiveBatch> StartLateAsync(CancellationToken stop)
    {
        await _hub.Started.WaitAsync(stop);
        return StartOver();
    }

    private async Task<LiveBatch?> ReadAsync(EventReader reader, CancellationToken stop)
    {
        var events = new List<LogEvent>();
        while (true)
        {
            if (_hub.Head - reader.Position > MostBehind - events.Count)
            {
                return StartOver();
            }

            try
            {
                EventRead met = await reader.ReadAsync(_read, stop);
                events.AddRange(_read);
                switch (met)
                {
                    case EventRead.Lost:
                        return StartOver();
                    case EventRead.CaughtUp:
                        return events.Count == 0 ? null : new LiveBatch(events, Missed: events.Any(e => e.Action == EventAction.SweptTraces));
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Only what left the ring is read from the database; while that is away there is nothing else to show.
                LogUnreadable(e);
                await Task.Delay(RetryAfter, _time, stop);
            }
        }
    }

    private LiveBatch StartOver()
    {
        _reader?.Dispose();
        _reader = _events.OpenLive(_filter);
        return new LiveBatch([], Missed: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [LoggerMessage(EventId = 300, Level = LogLevel.Warning, Message = "A live page could not read the event log; it tries again.")]
    private partial void LogUnreadable(Exception e);
}
