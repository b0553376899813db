using System.Net;
using System.Net.Sockets;

namespace LlmEval.Bench.Net;

internal static class Sockets
{
    /// <summary>Connects and then never blocks again. Connecting itself waits: on the loopback it takes microseconds.</summary>
    /// <returns>Null when nobody listens.</returns>
    public static Socket? Connect(int port, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (receiveBuffer is { } bytes)
            {
                socket.ReceiveBufferSize = bytes;
            }

            socket.Connect(IPAddress.Loopback, port);
            socket.Blocking = false;
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <returns>The number of bytes; 0 at the end of the stream or when it broke; -1 when there is nothing now.</returns>
    public static int Receive(Socket socket, Span<byte> into)
    {
        int count = socket.Receive(into, SocketFlags.None, out SocketError fault);
        return fault switch
        {
            SocketError.Success => count,
            SocketError.WouldBlock => -1,
            _ => 0,
        };
    }

    /// <returns>The number of bytes taken; -1 when the connection is broken.</returns>
    public static int Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        int count = socket.Send(bytes, SocketFlags.None, out SocketError fault);
        return fault switch
        {
            SocketError.Success => count,
            SocketError.WouldBlock => 0,
            _ => -1,
        };
    }
}
