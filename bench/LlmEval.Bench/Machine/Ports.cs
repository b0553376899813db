using System.Net;
using System.Net.Sockets;

namespace LlmEval.Bench.Machine;

internal static class Ports
{
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until a server that was just started can be reached.</summary>
    public static async Task UntilOpenAsync(int port, ChildProcess server, string name, CancellationToken cancel)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync("127.0.0.1", port, cancel);
                return;
            }
            catch (SocketException) when (attempt < 100 && !server.HasExited)
            {
                await Task.Delay(50, cancel);
            }
            catch (SocketException)
            {
                throw new BenchFailure($"{name} does not answer:\n{server.LastWords()}");
            }
        }
    }
}
