using System.Buffers;

namespace LlmEval.Web.Ingestion;

/// <summary>Bytes in a rented array that grows; goes back to the pool when disposed.</summary>
internal sealed class PooledBytes(int capacity) : IDisposable
{
    private byte[] _array = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    /// <summary>Room for at least one more byte.</summary>
    public Memory<byte> Room(int wanted = 1)
    {
        Reserve(wanted);
        return _array.AsMemory(Length);
    }

    public void Advance(int count) => Length += count;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_array.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>Drops bytes from the front.</summary>
    public void Remove(int count)
    {
        if (count == 0)
        {
            return;
        }

        _array.AsSpan(count, Length - count).CopyTo(_array);
        Length -= count;
    }

    public Stream OpenRead() => new MemoryStream(_array, 0, Length, writable: false);

    public void Dispose()
    {
        byte[] array = _array;
        _array = [];
        Length = 0;
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private void Reserve(int wanted)
    {
        if (_array.Length - Length >= wanted)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(2L * _array.Length, (long)Length + wanted)));
        Span.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
