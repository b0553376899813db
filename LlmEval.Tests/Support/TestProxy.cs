using System.Net;
using System.Net.Sockets;

namespace LlmEval.Tests.Support;

/// <summary>Stands between the product and PostgreSQL, so that a test can take that away and give it back.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private readonly DnsEndPoint _target;
    private readonly List<TcpClient> _open = [];
    private readonly int _port;
    private TcpListener? _listener;
    private TaskCompletionSource _flowing = Flowing();

    public TestProxy(TestDatabase database)
    {
        var address = new UriBuilder(database.Address);
        _target = new DnsEndPoint(address.Host, address.Port);
        _listener = Listen(0);
        _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        (address.Host, address.Port) = ("127.0.0.1", _port);
        Settings = new Dictionary<string, string?> { ["DATABASE_URL"] = address.Uri.AbsoluteUri };
    }

    /// <summary>Lead a server through it.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; }

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

    /// <summary>From here on connections are taken and kept, and nothing passes.</summary>
    public void Freeze() => _flowing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>As before it was cut or frozen.</summary>
    public void Restore()
    {
        _flowing.TrySetResult();
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
            if (_listener is null)
            {
                // Accepted just before the cut.
                caller.Dispose();
                return;
            }

            _open.AddRange([caller, server]);
        }

        try
        {
            await server.ConnectAsync(_target.Host, _target.Port);
            await Task.WhenAny(CopyAsync(caller.GetStream(), server.GetStream()), CopyAsync(server.GetStream(), caller.GetStream()));
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

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        byte[] buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer) is > 0 and int read)
        {
            await _flowing.Task;
            await to.WriteAsync(buffer.AsMemory(0, read));
        }
    }

    private static TaskCompletionSource Flowing()
    {
        var flowing = new TaskCompletionSource();
        flowing.SetResult();
        return flowing;
    }

    public ValueTask DisposeAsync()
    {
        Cut();
        _flowing.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
