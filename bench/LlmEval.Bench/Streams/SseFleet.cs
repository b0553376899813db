using System.Collections.Concurrent;
using System.Diagnostics;
using LlmEval.Bench.Load;
using LlmEval.Bench.Net;

namespace LlmEval.Bench.Streams;

/// <summary>Any number of stream readers on one thread of their own.</summary>
internal sealed class SseFleet : IDisposable
{
    private static readonly long RetryTicks = Stopwatch.Frequency / 10;

    private readonly SendTimes _times = new();
    private readonly List<SseClient> _clients = [];
    private readonly Queue<(SseClient Client, long At)> _retries = [];
    private readonly ConcurrentQueue<Action> _orders = [];
    private readonly Func<SseClient, int> _portOf;
    private Task _running = Task.CompletedTask;
    private bool _measuring;
    private volatile bool _stop;

    /// <param name="portOf">Where a client connects, asked anew for each connection.</param>
    public SseFleet(Func<SseClient, int> portOf, bool reconnects = false)
    {
        _portOf = portOf;
        Reconnects = reconnects;
    }

    public EventLoop Loop { get; } = new();

    /// <summary>Shared by all clients: they take turns.</summary>
    public byte[] Buffer { get; } = new byte[1 << 18];

    public bool Reconnects { get; }

    public IReadOnlyList<SseClient> Clients => _clients;

    /// <summary>From the moment a trace was to be sent to the moment a client has its event. Read it when stopped.</summary>
    public Latencies Delay { get; } = new();

    /// <summary>Each delivery while measuring: when the trace was to be sent, and when it came. Kept only when asked for.</summary>
    public List<(long DueAt, long At)>? Arrivals { get; init; }

    /// <summary>Deliveries while measuring.</summary>
    public long Deliveries { get; private set; }

    public long DeliveredBytes { get; private set; }

    public string? Fault => _clients.Select(c => c.Fault).FirstOrDefault(f => f is not null);

    public void Start() =>
        _running = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Opens more clients and waits until each has its <c>connected</c> event.</summary>
    public async Task ConnectAsync(int count, CancellationToken cancel)
    {
        // In groups: a burst beyond the listen backlog would wait for the kernel's retransmission.
        const int group = 250;
        for (int opened = 0; opened < count; opened += group)
        {
            int now = Math.Min(group, count - opened);
            await OrderAsync(() =>
            {
                for (int i = 0; i < now; i++)
                {
                    var client = new SseClient(this, _clients.Count);
                    _clients.Add(client);
                    Open(client);
                }
            });
            await UntilAsync(() => _clients.All(c => c.IsConnected || c.IsDeaf), TimeSpan.FromSeconds(30), "clients are connected", cancel);
        }
    }

    /// <summary>Opens a client that asks for the stream and then reads no byte.</summary>
    public async Task<SseClient> AddDeafAsync()
    {
        SseClient client = null!;
        await OrderAsync(() =>
        {
            client = new SseClient(this, _clients.Count, receiveBuffer: 4_096);
            _clients.Add(client);
            client.Open(_portOf(client), deaf: true);
        });
        return client;
    }

    /// <summary>Does something on the fleet's thread.</summary>
    public Task OrderAsync(Action order)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _orders.Enqueue(() =>
        {
            order();
            done.SetResult();
        });
        Loop.WakeAt(1);
        return Task.WhenAny(done.Task, _running).Unwrap();
    }

    public Task MeasureAsync(bool on) => OrderAsync(() => _measuring = on);

    /// <summary>Waits until every client has the event with this id.</summary>
    public Task UntilAllHaveAsync(long id, TimeSpan atMost, CancellationToken cancel) =>
        UntilAsync(() => _clients.All(c => c.LastId >= id), atMost, $"all clients have event {id}", cancel);

    public async Task UntilAsync(Func<bool> holds, TimeSpan atMost, string what, CancellationToken cancel)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            bool now = false;
            await OrderAsync(() => now = holds());
            BenchFailure.Unless(Fault is null, Fault ?? "");
            if (now)
            {
                return;
            }

            BenchFailure.Unless(Stopwatch.GetElapsedTime(began) < atMost, $"not within {atMost.TotalSeconds:0} s: {what} ({Describe()})");
            await Task.Delay(20, cancel);
        }
    }

    public async Task StopAsync()
    {
        _stop = true;
        Loop.WakeAt(1);
        await _running;
    }

    internal void OnEvent(SseFrame frame, int length, long now)
    {
        if (_measuring)
        {
            Deliveries++;
            DeliveredBytes += length;
            if (_times.Of(frame.Id, frame.Data) is > 0 and long sentAt)
            {
                Delay.Add(now - sentAt);
                Arrivals?.Add((sentAt, now));
            }
        }
    }

    internal void OnClosed(SseClient client)
    {
        if (Reconnects)
        {
            Later(client);
        }
    }

    private void Run()
    {
        Loop.Woken = OnWoken;
        Loop.Run(() => _stop);
    }

    private void OnWoken()
    {
        while (_orders.TryDequeue(out Action? order))
        {
            order();
        }

        long now = Stopwatch.GetTimestamp();
        while (_retries.TryPeek(out var next) && next.At <= now)
        {
            Open(_retries.Dequeue().Client);
        }

        if (_retries.TryPeek(out var waiting))
        {
            Loop.WakeAt(waiting.At);
        }

        // An order that came since would find its alarm set later.
        if (!_orders.IsEmpty)
        {
            Loop.WakeAt(1);
        }
    }

    private void Open(SseClient client)
    {
        if (!client.Open(_portOf(client)))
        {
            BenchFailure.Unless(Reconnects, "the server does not take connections");
            Later(client);
        }
    }

    private void Later(SseClient client)
    {
        _retries.Enqueue((client, Stopwatch.GetTimestamp() + RetryTicks));
        if (_retries.Count == 1)
        {
            Loop.WakeAt(_retries.Peek().At);
        }
    }

    private string Describe() =>
        $"{_clients.Count(c => c.IsConnected)} of {_clients.Count} connected, positions {_clients.Min(c => c.LastId)} to "
        + $"{_clients.Max(c => c.LastId)}";

    public void Dispose()
    {
        _stop = true;
        Loop.WakeAt(1);
        try
        {
            _running.GetAwaiter().GetResult();
        }
        catch (BenchFailure)
        {
            // Whoever waited for the fleet has had it already.
        }

        foreach (SseClient client in _clients)
        {
            client.Dispose();
        }

        Loop.Dispose();
    }
}
