using System.Diagnostics;
using System.Net.Sockets;
using LlmEval.Bench.Net;

namespace LlmEval.Bench.Load;

/// <summary>One keep-alive connection of the load generator with the request that is out on it.</summary>
internal sealed class LoadLink(EventLoop loop, int port, int maxRequest, int batchSize, LoadGenerator owner) : ISocketHandler, IDisposable
{
    private byte[] _answer = new byte[4_096];
    private int _received;
    private int _sent;
    private int _slot;
    private Socket? _socket;
    private bool _watchesWrites;
    private bool _paused;

    public LoadRequest Request { get; } = new(maxRequest, batchSize);

    /// <summary>A request is out, or waits to be sent again.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>From when its latency counts.</summary>
    public long DueAt { get; private set; }

    public long SentAt { get; private set; }

    public void Send(long dueAt)
    {
        DueAt = dueAt;
        IsBusy = true;
        Resend();
    }

    /// <summary>The request will be sent again, later; whatever still comes belongs to nothing.</summary>
    public void Pause()
    {
        _paused = true;
        _received = 0;
    }

    public void Resend()
    {
        _paused = false;
        _received = 0;
        _sent = 0;
        SentAt = Stopwatch.GetTimestamp();
        if (_socket is null && !Connect())
        {
            owner.OnBroken(this);
            return;
        }

        Flush();
    }

    public void Finish()
    {
        IsBusy = false;
        _received = 0;
    }

    public void OnWritable() => Flush();

    public void OnReadable()
    {
        while (_socket is { } socket)
        {
            int count = Sockets.Receive(socket, _answer.AsSpan(_received));
            if (count < 0)
            {
                return;
            }

            if (count == 0)
            {
                Break();
                return;
            }

            _received += count;
            bool complete = HttpAnswer.IsComplete(_answer.AsSpan(0, _received), out int status, out int bodyAt, out bool closes);
            if (complete)
            {
                // Hand over last: the owner may send the next request at once.
                int received = _received;
                if (closes)
                {
                    Disconnect();
                }

                owner.OnAnswer(this, status, _answer.AsSpan(bodyAt, received - bodyAt));
                return;
            }

            if (_received == _answer.Length)
            {
                Array.Resize(ref _answer, _answer.Length * 2);
            }
        }
    }

    private bool Connect()
    {
        _socket = Sockets.Connect(port);
        if (_socket is null)
        {
            return false;
        }

        _slot = loop.Add(_socket, this);
        _watchesWrites = false;
        return true;
    }

    private void Flush()
    {
        if (_socket is not { } socket || !IsBusy || _paused)
        {
            return;
        }

        ReadOnlySpan<byte> rest = Request.Bytes[_sent..];
        if (rest.Length > 0)
        {
            int count = Sockets.Send(socket, rest);
            if (count < 0)
            {
                Break();
                return;
            }

            _sent += count;
        }

        bool more = _sent < Request.Bytes.Length;
        if (more != _watchesWrites)
        {
            _watchesWrites = more;
            loop.WatchWrites(socket, _slot, more);
        }
    }

    private void Break()
    {
        Disconnect();
        if (!_paused)
        {
            owner.OnBroken(this);
        }
    }

    private void Disconnect()
    {
        if (_socket is { } socket)
        {
            loop.Remove(socket, _slot);
            socket.Dispose();
            _socket = null;
        }
    }

    public void Dispose() => Disconnect();
}
