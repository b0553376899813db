using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace LlmEval.E2E.Support;

/// <summary>
/// The way between a browser and a server, which a test can make long or take away. A browser's own offline mode leaves sockets alone that are
/// open already.
/// </summary>
public sealed class Network : IAsyncDisposable
{
    private readonly Uri _server;
    private readonly int _port;
    private readonly List<TcpClient> _open = [];
    private TcpListener? _listener;
    private bool _deaf;
    private long _lost;

    public Network(ServerProcess server)
    {
        _server = new Uri(server.Url);
        _listener = Listen(0);
        _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    /// <summary>The server at the other end.</summary>
    public string Url => $"http://127.0.0.1:{_port}";

    /// <summary>How long a message is on its way, in each direction.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How many bytes of the server got lost.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>From here on what the server says gets lost, and neither end knows.</summary>
    public void LoseWhatTheServerSays() => Volatile.Write(ref _deaf, true);

    /// <summary>From here on connections are refused, and those that are open end.</summary>
    public void Cut()
    {
        lock (_open)
        {
            _listener?.Stop();
            _listener = null;
            _open.ForEach(end => end.Dispose());
            _open.Clear();
        }
    }

    public void Restore()
    {
        Volatile.Write(ref _deaf, false);
        lock (_open)
        {
            _listener ??= Listen(_port);
        }
    }

    private TcpListener Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        _ = AcceptAsync(listener);
        return listener;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It was cut.
        }
    }

    private async Task ServeAsync(TcpClient browser)
    {
        using (browser)
        using (var server = new TcpClient())
        {
            lock (_open)
            {
                _open.AddRange([browser, server]);
            }

            try
            {
                await server.ConnectAsync(_server.Host, _server.Port);
                await Task.WhenAny(
                    CarryAsync(browser.GetStream(), server.GetStream(), isLost: () => false),
                    CarryAsync(server.GetStream(), browser.GetStream(), isLost: () => Volatile.Read(ref _deaf)));
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Either end is gone.
            }
        }
    }

    // What is on its way holds up nothing that comes after it.
    private async Task CarryAsync(NetworkStream from, NetworkStream to, Func<bool> isLost)
    {
        var underWay = Channel.CreateUnbounded<(long Sent, byte[] Bytes)>();
        Task arriving = ArriveAsync(underWay.Reader, to);
        byte[] buffer = new byte[65_536];
        while (!arriving.IsCompleted && await from.ReadAsync(buffer) is var read and > 0)
        {
            if (isLost())
            {
                Interlocked.Add(ref _lost, read);
            }
            else
            {
                underWay.Writer.TryWrite((Stopwatch.GetTimestamp(), buffer[..read]));
            }
        }

        underWay.Writer.Complete();
        await arriving;
    }

    private async Task ArriveAsync(ChannelReader<(long Sent, byte[] Bytes)> underWay, NetworkStream to)
    {
        await foreach ((long sent, byte[] bytes) in underWay.ReadAllAsync())
        {
            TimeSpan rest = Delay - Stopwatch.GetElapsedTime(sent);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest);
            }

            await to.WriteAsync(bytes);
        }
    }

    public ValueTask DisposeAsync()
    {
        Cut();
        return ValueTask.CompletedTask;
    }
}
