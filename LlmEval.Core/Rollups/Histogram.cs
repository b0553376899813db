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

    private readonly SortedDictionary<int, long> _counts = [];

    public bool IsEmpty => _counts.Count == 0;

    /// <summary>Buckets that hold something, lowest first.</summary>
    public IReadOnlyDictionary<int, long> Counts => _counts;

    public static int BucketOf(double milliseconds) => milliseconds <= Lowest
        ? 0
        : Math.Min(Buckets - 1, (int)Math.Floor(Math.Log(milliseconds / Lowest) / LogRatio));

    /// <summary>The value that stands for a bucket, in milliseconds.</summary>
    public static double ValueOf(int bucket) => Lowest * Math.Pow(Ratio, bucket + 0.5);

    public void Add(double milliseconds, long times) => AddToBucket(BucketOf(milliseconds), times);

    public void Add(Histogram other)
    {
        foreach ((int bucket, long count) in other._counts)
        {
            AddToBucket(bucket, count);
        }
    }

    /// <summary>The value below which a share of all values lies, in milliseconds; null when there are none.</summary>
    /// <param name="share">0 to 1; the nearest-rank definition.</param>
    public double? Quantile(double share)
    {
        long total = 0;
        foreach (long count in _counts.Values)
        {
            total += Math.Max(0, count);
        }

        if (total == 0)
        {
            return null;
        }

        long rank = Math.Clamp((long)Math.Ceiling(share * total), 1, total);
        foreach ((int bucket, long count) in _counts)
        {
            rank -= Math.Max(0, count);
            if (rank <= 0)
            {
                return ValueOf(bucket);
            }
        }

        return null;
    }

    private void AddToBucket(int bucket, long times)
    {
        long sum = _counts.GetValueOrDefault(bucket) + times;
        if (sum == 0)
        {
            _counts.Remove(bucket);
        }
        else
        {
            _counts[bucket] = sum;
        }
    }

    /// <summary>Packs the buckets in use: for each the distance to the one before and the count, both as variable-length integers.</summary>
    public byte[] Pack()
    {
        // 2 bytes hold any distance, 10 any count.
        Span<byte> buffer = _counts.Count <= 64 ? stackalloc byte[64 * 12] : new byte[_counts.Count * 12];
        int at = 0;
        int last = 0;
        foreach ((int bucket, long count) in _counts)
        {
            at += WriteVarint(buffer[at..], (ulong)(bucket - last));
            at += WriteVarint(buffer[at..], (ulong)((count << 1) ^ (count >> 63)));
            last = bucket;
        }

        return buffer[..at].ToArray();
    }

    public static Histogram Unpack(ReadOnlySpan<byte> packed)
    {
        var histogram = new Histogram();
        int bucket = 0;
        while (!packed.IsEmpty)
        {
            bucket += (int)ReadVarint(ref packed);
            ulong count = ReadVarint(ref packed);
            histogram._counts[bucket] = (long)(count >> 1) ^ -(long)(count & 1);
        }

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
