using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace LlmEval.Web.Ingestion;

/// <summary>
/// Unpacks gzip and insists on its end. The framework's stream takes a body that was cut short for a complete one, and ignores
/// what follows the last member; so the checksum and length in the last eight bytes are compared with what came out. One member only.
/// </summary>
internal sealed class CheckedGzipStream : Stream
{
    private readonly TailStream _source;
    private readonly GZipStream _gzip;
    private readonly Crc32 _checksum = new();
    private uint _length;
    private bool _ended;

    public CheckedGzipStream(Stream source)
    {
        _source = new TailStream(source);
        _gzip = new GZipStream(_source, CompressionMode.Decompress, leaveOpen: true);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="InvalidDataException">It is no gzip, damaged, cut short or followed by something.</exception>
    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = _gzip.Read(buffer);
        }
        catch (InvalidDataException fault)
        {
            throw NotGzip(fault);
        }

        if (read > 0)
        {
            Count(buffer[..read]);
        }
        else if (buffer.Length > 0 && !_ended)
        {
            Span<byte> more = stackalloc byte[1];
            CheckEnd(_source.Read(more) > 0);
        }

        return read;
    }

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await _gzip.ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidDataException fault)
        {
            throw NotGzip(fault);
        }

        if (read > 0)
        {
            Count(buffer.Span[..read]);
        }
        else if (buffer.Length > 0 && !_ended)
        {
            CheckEnd(await _source.ReadAsync(new byte[1], cancellationToken) > 0);
        }

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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gzip.Dispose();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The framework speaks of the entries of an archive, whatever it is that it finds.</summary>
    private static InvalidDataException NotGzip(InvalidDataException fault) => new("the data is not gzip, or it is damaged", fault);

    private void Count(ReadOnlySpan<byte> unpacked)
    {
        _checksum.Append(unpacked);
        _length += (uint)unpacked.Length;
    }

    private void CheckEnd(bool more)
    {
        _ended = true;
        ReadOnlySpan<byte> tail = _source.Tail;
        if (more
            || tail.Length < TailStream.TailLength
            || BinaryPrimitives.ReadUInt32LittleEndian(tail) != _checksum.GetCurrentHashAsUInt32()
            || BinaryPrimitives.ReadUInt32LittleEndian(tail[4..]) != _length)
        {
            throw new InvalidDataException("the gzip data is damaged, cut short, or followed by something; one member is taken, not several put together");
        }
    }
}
