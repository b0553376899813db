using System.Net;
using System.Net.Sockets;

namespace LlmEval.Bench.Net;

/// <summary>Stands before a server and behaves as bad networks do: it stalls, forgets connections, is slow, or tears them.</summary>
internal sealed class FaultyProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly HashSet<Relay> _relays = [];
    private readonly Random _random;
    private readonly int _server;
    private TaskCompletionSource _flow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _torn;
    private double _tear;
    private long _delayTicks;

    public FaultyProxy(int serverPort, Random random)
    {
        _server = serverPort;
        _random = random;
        _flow.SetResult();
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What each piece waits in each direction.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _delayTicks));
        set => Volatile.Write(ref _delayTicks, value.Ticks);
    }

    /// <summary>The share of what callers send that is answered by a reset.</summary>
    public double Tear
    {
        get => Volatile.Read(ref _tear);
        set => Volatile.Write(ref _tear, value);
    }

    public long Torn => Interlocked.Read(ref _torn);

    /// <summary>Nothing goes through in either direction; nobody is told, and whoever connects is taken and not answered.</summary>
    public void Stall()
    {
        lock (_gate)
        {
            if (_flow.Task.IsCompleted)
            {
                _flow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public void Flow()
    {
        lock (_gate)
        {
            _flow.TrySetResult();
        }
    }

    /// <summary>
    /// Forgets the connections that are open, as a firewall does that was started anew: the server's ends are closed, the callers'
    /// ends stay open for ever and nothing comes of them. New ones are served.
    /// </summary>
    /// <returns>How many there were.</returns>
    public int Forget()
    {
        Relay[] open;
        lock (_gate)
        {
            open = [.. _relays.Where(r => !r.IsForgotten)];
        }

        foreach (Relay relay in open)
        {
            relay.Forget();
        }

        Flow();
        return open.Length;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var relay = new Relay(await _listener.AcceptTcpClientAsync());
                lock (_gate)
                {
                    _relays.Add(relay);
                }

                _ = ServeAsync(relay);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Relay relay)
    {
        try
        {
            await FlowingAsync();
            await relay.Far.ConnectAsync(IPAddress.Loopback, _server);
            await Task.WhenAny(PassAsync(relay, relay.Near, relay.Far, tears: true), PassAsync(relay, relay.Far, relay.Near, tears: false));
        }
        catch (SocketException)
        {
            // The server is not there.
        }

        // A caller of a connection that was forgotten is not told.
        if (!relay.IsForgotten)
        {
            relay.Dispose();
            lock (_gate)
            {
                _relays.Remove(relay);
            }
        }
    }

    private bool IsToTear()
    {
        lock (_gate)
        {
            return _random.NextDouble() < Tear;
        }
    }

    private async Task PassAsync(Relay relay, TcpClient from, TcpClient to, bool tears)
    {
        var buffer = new byte[1 << 16];
        try
        {
            int read;
            while ((read = await from.GetStream().ReadAsync(buffer)) > 0)
            {
                if (Delay is { Ticks: > 0 } delay)
                {
                    await Task.Delay(delay);
                }

                await FlowingAsync();
                if (relay.IsForgotten)
                {
                    return;
                }

                if (tears && IsToTear())
                {
                    Interlocked.Increment(ref _torn);
                    relay.Reset();
                    return;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, read));
            }

            await FlowingAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side left.
        }
    }

    private Task FlowingAsync()
    {
        lock (_gate)
        {
            return _flow.Task;
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Flow();
        lock (_gate)
        {
            foreach (Relay relay in _relays)
            {
                relay.Dispose();
            }
        }
    }

    private sealed class Relay(TcpClient near) : IDisposable
    {
        private volatile bool _forgotten;

        public TcpClient Near { get; } = NoDelay(near);

        public TcpClient Far { get; } = NoDelay(new TcpClient());

        public bool IsForgotten => _forgotten;

        public void Forget()
        {
            _forgotten = true;
            Far.Dispose();
        }

        public void Reset()
        {
            Near.Client.LingerState = new LingerOption(true, 0);
            Near.Dispose();
            Far.Dispose();
        }

        public void Dispose()
        {
            Near.Dispose();
            Far.Dispose();
        }

        private static TcpClient NoDelay(TcpClient client)
        {
            client.NoDelay = true;
            return client;
        }
    }
}
