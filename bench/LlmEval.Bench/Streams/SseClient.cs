using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using LlmEval.Bench.Net;

namespace LlmEval.Bench.Streams;

/// <summary>
/// One reader of <c>/stream/events</c>. It insists that every id follows the one before, whatever happens to its connection:
/// an id that is missed or comes twice is a fault.
/// </summary>
internal sealed class SseClient(SseFleet fleet, int number, int? receiveBuffer = null) : ISocketHandler, IDisposable
{
    private byte[] _carry = [];
    private int _carried;
    private int _slot;
    private Socket? _socket;
    private Dechunker _chunks;
    private bool _headRead;

    /// <summary>Counts the clients of a fleet from 0.</summary>
    public int Number => number;

    /// <summary>The id that it would resume from; -1 before the first.</summary>
    public long LastId { get; private set; } = -1;

    /// <summary>Where its first stream began.</summary>
    public long FirstPosition { get; private set; } = -1;

    public long Events { get; private set; }

    public long Bytes { get; private set; }

    public int Connections { get; private set; }

    /// <summary>The <c>connected</c> event of the present connection has come.</summary>
    public bool IsConnected { get; private set; }

    public bool IsOpen => _socket is not null;

    /// <summary>The last stream ended as a response should, not by a broken connection.</summary>
    public bool EndedCleanly { get; private set; }

    /// <summary>Null while nothing is wrong.</summary>
    public string? Fault { get; private set; }

    /// <summary>Reads nothing while set: the bytes pile up.</summary>
    public bool IsDeaf { get; private set; }

    /// <returns>False when nobody listens there.</returns>
    public bool Open(int port, bool deaf = false)
    {
        Close();
        Socket? socket = Sockets.Connect(port, receiveBuffer);
        if (socket is null)
        {
            return false;
        }

        string resume = LastId >= 0 ? $"Last-Event-ID: {LastId}\r\n" : "";
        byte[] request = Encoding.ASCII.GetBytes(
            $"GET /stream/events?client_id=bench-{number} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n{resume}\r\n");
        _socket = socket;
        _chunks = default;
        _headRead = false;
        _carried = 0;
        IsDeaf = deaf;
        Connections++;
        Sockets.Send(socket, request);
        if (!deaf)
        {
            _slot = fleet.Loop.Add(socket, this);
        }

        return true;
    }

    /// <summary>Begins to read what has piled up.</summary>
    public void Listen()
    {
        if (IsDeaf && _socket is { } socket)
        {
            IsDeaf = false;
            _slot = fleet.Loop.Add(socket, this);
        }
    }

    public void OnWritable()
    {
    }

    public void OnReadable()
    {
        while (_socket is { } socket)
        {
            // What was left of the last read goes before it, in a buffer that all clients share.
            Span<byte> buffer = fleet.Buffer;
            _carry.AsSpan(0, _carried).CopyTo(buffer);
            int count = Sockets.Receive(socket, buffer[_carried..]);
            if (count < 0)
            {
                return;
            }

            if (count == 0)
            {
                Close();

                // One that was never begun met a closing door.
                EndedCleanly &= !_headRead;
                fleet.OnClosed(this);
                return;
            }

            Bytes += count;
            Take(buffer, count);
            if (_chunks.IsOver)
            {
                Close();
                EndedCleanly = true;
                fleet.OnClosed(this);
                return;
            }

            // A short read emptied the socket: asking again would only cost a call.
            if (count < buffer.Length / 2)
            {
                return;
            }
        }
    }

    private void Take(Span<byte> buffer, int count)
    {
        int length;
        if (_headRead)
        {
            length = _carried + _chunks.Strip(buffer.Slice(_carried, count));
        }
        else
        {
            length = _carried + count;
            int body = buffer[..length].IndexOf("\r\n\r\n"u8) + 4;
            if (body < 4)
            {
                Keep(buffer[..length]);
                return;
            }

            _headRead = true;
            if (!buffer.StartsWith("HTTP/1.1 200"u8))
            {
                if (fleet.Reconnects && buffer.StartsWith("HTTP/1.1 50"u8) && !buffer.StartsWith("HTTP/1.1 500"u8))
                {
                    Close();
                    fleet.OnClosed(this);
                    return;
                }

                Fail($"the stream was refused: {Encoding.UTF8.GetString(buffer[..length])}");
                return;
            }

            buffer[body..length].CopyTo(buffer);
            length = _chunks.Strip(buffer[..(length - body)]);
        }

        ReadOnlySpan<byte> rest = buffer[..length];
        long now = Stopwatch.GetTimestamp();
        while (SseFrames.Cut(rest, out SseFrame frame) is > 0 and int cut)
        {
            Handle(frame, cut, now);
            rest = rest[cut..];
        }

        Keep(rest);
    }

    private void Handle(SseFrame frame, int length, long now)
    {
        if (frame.Id < 0)
        {
            return;
        }

        if (frame.Data.IsEmpty || frame.Is("connected"u8))
        {
            TakePosition(frame);
            return;
        }

        if (frame.Is("stream_reset"u8))
        {
            Fail($"reset after id {LastId}: {Encoding.UTF8.GetString(frame.Data)}");
            return;
        }

        if (frame.Id != LastId + 1)
        {
            Fail(frame.Id <= LastId ? $"event {frame.Id} came again after {LastId}" : $"event {frame.Id} came after {LastId}: a gap");
        }

        LastId = frame.Id;
        Events++;
        fleet.OnEvent(frame, length, now);
    }

    // 'connected' and heartbeats say where the stream stands; on an unfiltered stream that is the last event sent.
    private void TakePosition(SseFrame frame)
    {
        if (LastId < 0)
        {
            LastId = FirstPosition = frame.Id;
        }
        else if (frame.Id != LastId)
        {
            Fail($"the stream says it stands at {frame.Id}, but the last event was {LastId}");
        }

        IsConnected |= !frame.Data.IsEmpty;
    }

    private void Fail(string fault) => Fault ??= $"client {number}, connection {Connections}: {fault}";

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (_carry.Length < rest.Length)
        {
            _carry = new byte[Math.Max(1_024, rest.Length * 2)];
        }

        rest.CopyTo(_carry);
        _carried = rest.Length;
    }

    public void Close()
    {
        if (_socket is { } socket)
        {
            if (!IsDeaf)
            {
                fleet.Loop.Remove(socket, _slot);
            }

            socket.Dispose();
            _socket = null;
        }

        IsConnected = false;
        IsDeaf = false;
    }

    public void Dispose() => Close();
}
