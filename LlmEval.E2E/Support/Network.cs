using System.Net;
using System.Net.Sockets;

namespace LlmEval.E2E.Support;

/// <summary>
/// The way between a browser and a server, which a test can take away. A browser's own offline mode leaves sockets alone that are
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
                await Task.WhenAny(browser.GetStream().CopyToAsync(server.GetStream()), AnswerAsync(server.GetStream(), browser.GetStream()));
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Either end is gone.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream server, NetworkStream browser)
    {
        byte[] buffer = new byte[65_536];
        while (await server.ReadAsync(buffer) is var read and > 0)
        {
            if (Volatile.Read(ref _deaf))
            {
                Interlocked.Add(ref _lost, read);
            }
            else
            {
                await browser.WriteAsync(buffer.AsMemory(0, read));
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        Cut();
        return ValueTask.CompletedTask;
    }
}
