using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace LlmEval.Bench.Load;

/// <summary>Writes whole HTTP requests with fresh traces.</summary>
internal sealed class RequestWriter(LoadPlan plan)
{
    // The head is written once the length of the body is known, up against its beginning.
    private const int HeadRoom = 512;

    private readonly ulong _run = (ulong)Random.Shared.NextInt64();
    private readonly byte[] _time = new byte[24];
    private long _timeTicks;

    public int MaxLength => HeadRoom + 128 + (plan.BatchSize * (plan.Bodies.MaxLength + 1));

    public void Write(LoadRequest request, long number, long sentAt)
    {
        Span<byte> buffer = request.Buffer;
        int at = HeadRoom;
        bool batch = plan.BatchSize > 1;
        if (batch)
        {
            Utf8.TryWrite(
                buffer[at..],
                CultureInfo.InvariantCulture,
                $"{{\"source\":\"bench\",\"batch_id\":\"batch_{number}\",\"traces\":[",
                out int opened);
            at += opened;
        }

        for (int i = 0; i < plan.BatchSize; i++)
        {
            if (i > 0)
            {
                buffer[at++] = (byte)',';
            }

            long trace = (number * plan.BatchSize) + i;
            string? special = plan.SpecialWordOf?.Invoke(trace);
            int length = plan.Bodies.Write(buffer[at..], _run, (ulong)trace, sentAt, TimeOf(trace), out int idAt, special);
            request.IdAt[i] = at + idAt;
            at += length;
        }

        if (batch)
        {
            "]}"u8.CopyTo(buffer[at..]);
            at += 2;
        }

        request.End = at;
        WriteHead(request, batch ? "/webhook/batch" : "/webhook/trace", at - HeadRoom, number);
    }

    /// <summary>What a trace of a request says, by the number of the request and its place in it.</summary>
    public ReadOnlySpan<byte> ContentOf(long number, int i)
    {
        long trace = (number * plan.BatchSize) + i;
        return plan.Bodies.ContentOf((ulong)trace, plan.SpecialWordOf?.Invoke(trace));
    }

    private void WriteHead(LoadRequest request, string path, int length, long number)
    {
        Span<byte> head = stackalloc byte[HeadRoom];
        Utf8.TryWrite(
            head,
            CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{plan.Ports[0]}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n",
            out int written);
        if (plan.Key is { } key)
        {
            Utf8.TryWrite(head[written..], $"X-API-Key: {key}\r\n", out int more);
            written += more;
        }

        if (plan.Secret is { } secret)
        {
            written += Sign(request, secret, number, head[written..]);
        }

        "\r\n"u8.CopyTo(head[written..]);
        written += 2;
        request.Start = HeadRoom - written;
        head[..written].CopyTo(request.Buffer.AsSpan(request.Start));
    }

    /// <summary>What is signed is the message's id, its time and the body: the first two stand up against the body while it is hashed.</summary>
    private int Sign(LoadRequest request, byte[] secret, long number, Span<byte> into)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Span<byte> place = stackalloc byte[64];
        Utf8.TryWrite(place, CultureInfo.InvariantCulture, $"msg_{_run:x16}{number:x12}.{now}.", out int length);
        int start = HeadRoom - length;
        place[..length].CopyTo(request.Buffer.AsSpan(start));
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, request.Buffer.AsSpan(start, request.End - start), hash);
        Utf8.TryWrite(
            into,
            CultureInfo.InvariantCulture,
            $"webhook-id: msg_{_run:x16}{number:x12}\r\nwebhook-timestamp: {now}\r\nwebhook-signature: v1,",
            out int written);
        Base64.EncodeToUtf8(hash, into[written..], out _, out int encoded);
        written += encoded;
        "\r\n"u8.CopyTo(into[written..]);
        return written + 2;
    }

    private ReadOnlySpan<byte> TimeOf(long trace)
    {
        DateTime time = plan.TimeOf?.Invoke(trace) ?? DateTime.UtcNow;
        long ticks = time.Ticks / TimeSpan.TicksPerMillisecond;
        if (ticks != _timeTicks)
        {
            _timeTicks = ticks;
            Encoding.ASCII.GetBytes(time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), _time);
        }

        return _time;
    }
}
