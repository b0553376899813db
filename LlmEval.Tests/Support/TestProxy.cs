using System.Net;
using System.Net.Sockets;

namespace LlmEval.Tests.Support;

/// <summary>Stands between the product and a server, so that a test can take that away and give it back.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private readonly DnsEndPoint _target;
    private readonly List<TcpClient> _open = [];
    private readonly int _port;
    private TcpListener? _listener;

    public TestProxy(string host, int port)
    {
        _target = new DnsEndPoint(host, port);
        _listener = Listen(0);
        _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
    }

    /// <summary>An address with the proxy in the place of its host.</summary>
    public string Through(string url) => new UriBuilder(url) { Host = "127.0.0.1", Port = _port }.Uri.AbsoluteUri;

    /// <summary>From here on connections are refused, and those that are open end.</summary>
    public void Cut()
    {
        lock (_open)
        {
            _listener?.Stop();
            _listener = null;
            _open.ForEach(client => client.Dispose());
            _open.Clear();
        }
    }

    public void Restore()
    {
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
                TcpClient caller = await listener.AcceptTcpClientAsync();
                _ = ServeAsync(caller);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It was cut.
        }
    }

    private async Task ServeAsync(TcpClient caller)
    {
        var server = new TcpClient();
        lock (_open)
        {
            _open.AddRange([caller, server]);
        }

        try
        {
            await server.ConnectAsync(_target.Host, _target.Port);
            await Task.WhenAny(caller.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(caller.GetStream()));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Either end is gone.
        }
        finally
        {
            caller.Dispose();
            server.Dispose();
        }
    }

    public ValueTask DisposeAsync()
    {
        Cut();
        return ValueTask.CompletedTask;
    }
}
