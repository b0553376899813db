namespace LlmEval.Web.Ingestion;

/// <summary>Passes a stream on and remembers its last bytes. Leaves the source open.</summary>
internal sealed class TailStream(Stream source) : Stream
{
    public const int TailLength = 8;

    private readonly byte[] _tail = new byte[TailLength];
    private int _count;

    /// <summary>The last bytes read, at most <see cref="TailLength"/>.</summary>
    public ReadOnlySpan<byte> Tail => _tail.AsSpan(0, _count);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int read = source.Read(buffer);
        Remember(buffer[..read]);
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await source.ReadAsync(buffer, cancellationToken);
        Remember(buffer.Span[..read]);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Remember(ReadOnlySpan<byte> read)
    {
        read = read[Math.Max(0, read.Length - TailLength)..];
        int kept = Math.Min(_count, TailLength - read.Length);
        _tail.AsSpan(_count - kept, kept).CopyTo(_tail);
        read.CopyTo(_tail.AsSpan(kept));
        _count = kept + read.Length;
    }
}
