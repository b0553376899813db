using System.Buffers;

namespace LlmEval.Web.Ingestion;

/// <summary>
/// Bytes in a rented array that grows; goes back to the pool when disposed. A very large one is not rented: the pool would keep one
/// for each thread that ever met such a body.
/// </summary>
internal sealed class PooledBytes(int capacity) : IDisposable
{
    private const int LargestRented = 1 << 20;

    private byte[] _array = Rent(capacity);

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
        Return(array);
    }

    private static byte[] Rent(int size) =>
        size <= LargestRented ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    private static void Return(byte[] array)
    {
        if (array.Length is > 0 and <= LargestRented)
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

        byte[] larger = Rent((int)Math.Min(Array.MaxLength, Math.Max(2L * _array.Length, (long)Length + wanted)));
        Span.CopyTo(larger);
        Return(_array);
        _array = larger;
    }
}
