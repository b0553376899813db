using System.Net.Sockets;
using System.Text;
using LlmEval.Bench.Net;

namespace LlmEval.Bench.Streams;

/// <summary>Sends a request one byte at a time, to hold a connection for ever: its head, or its body.</summary>
internal sealed class Loris : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _rest;
    private int _sent;

    private Loris(int port, string begin, string rest)
    {
        _socket = Sockets.Connect(port) ?? throw new BenchFailure("the server does not take connections");
        _rest = Encoding.ASCII.GetBytes(rest);
        Sockets.Send(_socket, Encoding.ASCII.GetBytes(begin));
    }

    /// <summary>The server has hung up.</summary>
    public bool IsCut { get; private set; }

    public static Loris InHead(int port) => new(port, "POST /webhook/trace HTTP/1.1\r\n", $"Host: 127.0.0.1\r\nX-Slow: {new string('a', 4_000)}");

    public static Loris InBody(int port) => new(
        port, "POST /webhook/trace HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n", $"{{\"trace_id\":\"{new string('a', 4_000)}");

    public static Loris Idle(int port) => new(port, "", "");

    public void SendOne()
    {
        if (IsCut)
        {
            return;
        }

        Span<byte> answer = stackalloc byte[512];
        int count = Sockets.Receive(_socket, answer);
        IsCut = count == 0 || (_sent < _rest.Length && Sockets.Send(_socket, _rest.AsSpan(_sent++, 1)) < 0);
    }

    public void Dispose() => _socket.Dispose();
}
