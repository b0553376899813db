using System.Net.Sockets;
using System.Text;
using LlmEval.Bench.Net;

namespace LlmEval.Bench.Streams;

/// <summary>Opens the event stream and reads a little now and then, or nothing at all.</summary>
internal sealed class SlowReader : IDisposable
{
    private readonly Socket _socket;

    public SlowReader(int port)
    {
        _socket = Sockets.Connect(port, receiveBuffer: 4_096) ?? throw new BenchFailure("the server does not take connections");
        Sockets.Send(_socket, Encoding.ASCII.GetBytes($"GET /stream/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n\r\n"));
    }

    /// <summary>The server has ended it.</summary>
    public bool IsDropped { get; private set; }

    public void Read(int bytes)
    {
        Span<byte> buffer = stackalloc byte[bytes];
        IsDropped |= Sockets.Receive(_socket, buffer) == 0;
    }

    public void Dispose() => _socket.Dispose();
}
