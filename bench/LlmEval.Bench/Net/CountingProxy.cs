using System.Net;
using System.Net.Sockets;

namespace LlmEval.Bench.Net;

/// <summary>Stands before a server and counts what it sends, as it goes over the wire: compressed, where that was agreed.</summary>
internal sealed class CountingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _server;
    private long _sent;

    public CountingProxy(int serverPort)
    {
        _server = serverPort;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Bytes from the server, over all connections.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = RelayAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task RelayAsync(TcpClient browser)
    {
        using TcpClient near = browser;
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _server);
            Task asking = near.GetStream().CopyToAsync(far.GetStream());
            var buffer = new byte[1 << 16];
            int read;
            while ((read = await far.GetStream().ReadAsync(buffer)) > 0)
            {
                Interlocked.Add(ref _sent, read);
                await near.GetStream().WriteAsync(buffer.AsMemory(0, read));
            }

            near.Close();
            await asking;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // One side left.
        }
    }

    public void Dispose() => _listener.Dispose();
}
