namespace LlmEval.Core.Rollups;

/// <summary>
/// A mergeable logarithmic histogram of response times: bucket i holds values from 0.1 ms × 1.04^i up to the next bound, clamped
/// to 0.1 ms and one hour. A quantile is the geometric middle of its bucket, off by at most √1.04 − 1 = 1.98 %.
/// Counts may be negative in a difference that is yet to be added.
/// </summary>
public sealed class Histogram
{
    public const double Lowest = 0.1;
    public const double Ratio = 1.04;
    public const double Highest = 3_600_000;

    private static readonly double LogRatio = Math.Log(Ratio);

    /// <summary>444: enough for one hour.</summary>
    public static readonly int Buckets = (int)Math.Floor(Math.Log(Highest / Lowest) / LogRatio) + 1;

    // The buckets in use, lowest first, and beside each its count: few in a delta, at most 444.
    private int[] _buckets = new int[8];
    private long[] _counts = new long[8];
    private int _used;

    /// <summary>Buckets that hold something with their counts, lowest first.</summary>
    public IEnumerable<KeyValuePair<int, long>> Counts =>
        Enumerable.Range(0, _used).Select(i => KeyValuePair.Create(_buckets[i], _counts[i]));

    public static int BucketOf(double milliseconds) => milliseconds <= Lowest
        ? 0
        : Math.Min(Buckets - 1, (int)Math.Floor(Math.Log(milliseconds / Lowest) / LogRatio));

    /// <summary>The value that stands for a bucket, in milliseconds.</summary>
    public static double ValueOf(int bucket) => Lowest * Math.Pow(Ratio, bucket + 0.5);

    public void Add(double milliseconds, long times) => AddToBucket(BucketOf(milliseconds), times);

    public void Add(Histogram other)
    {
        for (int i = 0; i < other._used; i++)
        {
            AddToBucket(other._buckets[i], other._counts[i]);
        }
    }

    /// <summary>Adds another that is packed.</summary>
    public void Add(ReadOnlySpan<byte> packed)
    {
        int bucket = 0;
        while (!packed.IsEmpty)
        {
            bucket += (int)ReadVarint(ref packed);
            ulong count = ReadVarint(ref packed);
            AddToBucket(bucket, (long)(count >> 1) ^ -(long)(count & 1));
        }
    }

    /// <summary>The value below which a share of all values lies, in milliseconds; null when there are none.</summary>
    /// <param name="share">0 to 1; the nearest-rank definition.</param>
    public double? Quantile(double share)
    {
        long total = 0;
        for (int i = 0; i < _used; i++)
        {
            total += Math.Max(0, _counts[i]);
        }

        if (total == 0)
        {
            return null;
        }

        long rank = Math.Clamp((long)Math.Ceiling(share * total), 1, total);
        for (int i = 0; i < _used; i++)
        {
            rank -= Math.Max(0, _counts[i]);
            if (rank <= 0)
            {
                return ValueOf(_buckets[i]);
            }
        }

        return null;
    }

    private void AddToBucket(int bucket, long times)
    {
        int at = Array.BinarySearch(_buckets, 0, _used, bucket);
        if (at < 0)
        {
            Insert(~at, bucket, times);
        }
        else if ((_counts[at] += times) == 0)
        {
            Remove(at);
        }
    }

    private void Insert(int at, int bucket, long count)
    {
        if (count == 0)
        {
            return;
        }

        if (_used == _buckets.Length)
        {
            Array.Resize(ref _buckets, 2 * _used);
            Array.Resize(ref _counts, 2 * _used);
        }

        Array.Copy(_buckets, at, _buckets, at + 1, _used - at);
        Array.Copy(_counts, at, _counts, at + 1, _used - at);
        _buckets[at] = bucket;
        _counts[at] = count;
        _used++;
    }

    private void Remove(int at)
    {
        _used--;
        Array.Copy(_buckets, at + 1, _buckets, at, _used - at);
        Array.Copy(_counts, at + 1, _counts, at, _used - at);
    }

    /// <summary>Packs the buckets in use: for each the distance to the one before and the count, both as variable-length integers.</summary>
    public byte[] Pack()
    {
        // 2 bytes hold any distance, 10 any count.
        Span<byte> buffer = _used <= 64 ? stackalloc byte[64 * 12] : new byte[_used * 12];
        int at = 0;
        int last = 0;
        for (int i = 0; i < _used; i++)
        {
            at += WriteVarint(buffer[at..], (ulong)(_buckets[i] - last));
            at += WriteVarint(buffer[at..], (ulong)((_counts[i] << 1) ^ (_counts[i] >> 63)));
            last = _buckets[i];
        }

        return buffer[..at].ToArray();
    }

    public static Histogram Unpack(ReadOnlySpan<byte> packed)
    {
        var histogram = new Histogram();
        histogram.Add(packed);
        return histogram;
    }

    private static int WriteVarint(Span<byte> target, ulong value)
    {
        int at = 0;
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[at] = (byte)value;
        return at + 1;
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> source)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = source[0];
            source = source[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
