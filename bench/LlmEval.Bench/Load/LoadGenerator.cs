using System.Diagnostics;
using System.Text;
using LlmEval.Bench.Net;

namespace LlmEval.Bench.Load;

/// <summary>
/// Posts traces over keep-alive connections, all on one thread. Closed loop: each connection sends its next request when the
/// last was answered. Open loop: requests fall due at fixed times and are counted from then, so that a slow answer cannot
/// hide the waiting of those behind it.
/// </summary>
internal sealed class LoadGenerator : IDisposable
{
    private static readonly long DrainTicks = 10 * Stopwatch.Frequency;

    private readonly LoadPlan _plan;
    private readonly EventLoop _loop = new();
    private readonly List<LoadLink> _links = [];
    private readonly Stack<LoadLink> _idle = [];
    private readonly PriorityQueue<LoadLink, long> _retries = new();
    private readonly RequestWriter _writer;
    private readonly LoadResult _result = new();

    private long _began;
    private long _windowStart;
    private long _windowEnd;
    private long _drainUntil = long.MaxValue;
    private long _requestsSent;
    private long _answers;
    private long _lastGood;
    private bool _measuring;
    private bool _measured;

    // Read from other threads.
    private long _acknowledged;
    private string? _surprise;
    private volatile bool _stop;

    public LoadGenerator(LoadPlan plan)
    {
        _plan = plan;
        _writer = new RequestWriter(plan);
    }

    /// <summary>Traces acknowledged so far; may be read while it runs.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>The first answer that should not have been; may be read while it runs.</summary>
    public string? Surprise => Volatile.Read(ref _surprise);

    /// <summary>Ends the run early: nothing new is sent, what is out is waited for.</summary>
    public void Stop() => _stop = true;

    public Task<LoadResult> RunAsync(CancellationToken cancel) => Task.Factory.StartNew(
        () => Run(cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private LoadResult Run(CancellationToken cancel)
    {
        using CancellationTokenRegistration stopping = cancel.Register(Stop);
        _began = Stopwatch.GetTimestamp();
        _lastGood = _began;
        _windowStart = _began + Ticks(_plan.WarmUp);
        for (int i = 0; i < _plan.Connections; i++)
        {
            var link = new LoadLink(_loop, _plan.Ports[i % _plan.Ports.Count], _writer.MaxLength, _plan.BatchSize, this);
            _links.Add(link);
            _idle.Push(link);
        }

        _loop.Woken = Proceed;
        Proceed();
        _loop.Run(IsOver);
        foreach (LoadLink link in _links.Where(l => l.IsBusy))
        {
            GiveUp(link);
        }

        _plan.Ledger?.Flush();
        cancel.ThrowIfCancellationRequested();
        return _result;
    }

    internal void OnAnswer(LoadLink link, int status, ReadOnlySpan<byte> body)
    {
        long now = Stopwatch.GetTimestamp();
        _answers++;
        Watch(now);
        _result.Statuses[status] = _result.Statuses.GetValueOrDefault(status) + 1;
        if (status is 502 or 503 or 504 && _plan.Retry)
        {
            RetryLater(link, now);
            return;
        }

        if (status == 200 && body.IndexOf("\"success\":true"u8) >= 0 && body.IndexOf("\"errors\":["u8) < 0)
        {
            _plan.Answers?.Note(link.DueAt, now);
            Good(link, now);
        }
        else
        {
            _result.Surprise ??= $"answer {status}: {Encoding.UTF8.GetString(body[..Math.Min(body.Length, 600)])}";
            Volatile.Write(ref _surprise, _result.Surprise);
        }

        link.Finish();
        _idle.Push(link);
        Proceed();
    }

    internal void OnBroken(LoadLink link)
    {
        if (!link.IsBusy)
        {
            return;
        }

        _result.BrokenConnections++;
        if (_plan.Retry)
        {
            RetryLater(link, Stopwatch.GetTimestamp());
            return;
        }

        GiveUp(link);
        link.Finish();
        _idle.Push(link);

        // A server that went away would be met again at once, thousands of times a second.
        _stop = true;
        Proceed();
    }

    private void Good(LoadLink link, long now)
    {
        _result.Acknowledged += _plan.BatchSize;
        Volatile.Write(ref _acknowledged, _result.Acknowledged);
        if (now - _lastGood > _result.LongestSilence.Length)
        {
            _result.LongestSilence = (now - _lastGood, now);
        }

        _lastGood = now;
        if (_plan.Ledger is { } ledger)
        {
            for (int i = 0; i < _plan.BatchSize; i++)
            {
                ledger.Acknowledge(link.Request.Id(i));
            }
        }

        if (_measuring)
        {
            _result.Requests++;
            _result.Traces += _plan.BatchSize;
            _result.Latency.Add(now - link.DueAt);
        }
    }

    private void RetryLater(LoadLink link, long now)
    {
        link.Pause();
        _retries.Enqueue(link, now + (Stopwatch.Frequency / 20));
        Arm();
    }

    /// <summary>Sends whatever is due.</summary>
    private void Proceed()
    {
        long now = Stopwatch.GetTimestamp();
        Watch(now);
        while (_retries.TryPeek(out LoadLink? waiting, out long at) && at <= now)
        {
            _retries.Dequeue();
            waiting.Resend();
        }

        while (_idle.Count > 0 && !IsEnough(now) && DueAt(_requestsSent) is var due && due <= now)
        {
            LoadLink link = _idle.Pop();
            _writer.Write(link.Request, _requestsSent, _plan.Rate is null ? now : due);
            if (_plan.Ledger is { } ledger)
            {
                for (int i = 0; i < _plan.BatchSize; i++)
                {
                    ledger.Attempt(link.Request.Id(i), _writer.ContentOf(_requestsSent, i));
                }
            }

            _requestsSent++;

            link.Send(_plan.Rate is null ? now : due);
        }

        Arm();
    }

    private void Arm()
    {
        long next = _plan.Rate is not null && _idle.Count > 0 ? DueAt(_requestsSent) : long.MaxValue;
        if (_retries.TryPeek(out _, out long retry))
        {
            next = Math.Min(next, retry);
        }

        if (next != long.MaxValue)
        {
            _loop.WakeAt(next);
        }
    }

    private long DueAt(long request) => _plan.Rate is { } rate ? _began + (long)(request / rate * Stopwatch.Frequency) : 0;

    private bool IsEnough(long now) =>
        _stop
        || (now >= _windowEnd && (_measuring || _measured))
        || (_plan.Traces is { } most && _requestsSent * _plan.BatchSize >= most);

    private bool IsWarm(long now) =>
        now >= _windowStart && (_answers >= _plan.WarmUpRequests || now - _began >= 5 * Ticks(_plan.WarmUp));

    private bool IsOver()
    {
        long now = Stopwatch.GetTimestamp();
        Watch(now);
        if (!IsEnough(now))
        {
            return false;
        }

        if (_drainUntil == long.MaxValue)
        {
            _drainUntil = now + DrainTicks;
        }

        if (_idle.Count < _links.Count && now < _drainUntil)
        {
            return false;
        }

        EndMeasuring(now);
        return true;
    }

    private void Watch(long now)
    {
        if (!_measuring && !_measured && IsWarm(now))
        {
            _measuring = true;
            _windowStart = now;
            _windowEnd = now + Ticks(_plan.Duration);
            _plan.Meter?.Start();
        }
        else if (_measuring && now >= _windowEnd)
        {
            EndMeasuring(now);
        }
    }

    private void EndMeasuring(long now)
    {
        if (_measuring)
        {
            _measuring = false;
            _measured = true;
            _result.Seconds = (now - _windowStart) / (double)Stopwatch.Frequency;
            _result.Cpu = _plan.Meter?.Stop() ?? default;
        }
    }

    private void GiveUp(LoadLink link) => _result.Unanswered.Add(new Unanswered(
        link.SentAt, [.. Enumerable.Range(0, _plan.BatchSize).Select(i => TraceId.Text(link.Request.Id(i)))]));

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    public void Dispose()
    {
        foreach (LoadLink link in _links)
        {
            link.Dispose();
        }

        _loop.Dispose();
    }
}
