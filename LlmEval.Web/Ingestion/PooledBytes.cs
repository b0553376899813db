using System.Buffers;

namespace LlmEval.Web.Ingestion;

/// <summary>
/// Bytes in a rented array that grows; goes back to the pool when disposed. A very large one is not rented: the pool would keep one
/// for each thread that ever met such a body.
/// </summary>
/// <param name="budget">What its memory counts in; null for what is small, or held by few.</param>
internal sealed class PooledBytes(int capacity, IBodyRoom? budget = null) : IDisposable
{
    private const int LargestRented = 1 << 20;

    private byte[] _array = Rent(capacity, budget);

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
        Return(array, budget);
    }

    /// <exception cref="BodyBudgetException"/>
    private static byte[] Rent(int size, IBodyRoom? budget)
    {
        // Rented arrays are those of the next power of two.
        byte[] array = size <= LargestRented ? ArrayPool<byte>.Shared.Rent(size) : [];
        if (budget?.TryTake(Math.Max(size, array.Length)) == false)
        {
            Return(array, budget: null);
            throw new BodyBudgetException();
        }

        return size <= LargestRented ? array : GC.AllocateUninitializedArray<byte>(size);
    }

    private static void Return(byte[] array, IBodyRoom? budget)
    {
        budget?.Return(array.Length);
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

        byte[] larger = Rent((int)Math.Min(Array.MaxLength, Math.Max(2L * _array.Length, (long)Length + wanted)), budget);
        Span.CopyTo(larger);
        Return(_array, budget);
        _array = larger;
    }
}
