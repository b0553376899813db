using System.Diagnostics;
using System.Numerics;

namespace LlmEval.Bench.Load;

/// <summary>
/// Durations in logarithmic buckets of 128 steps to each doubling: any percentile within 0.8 %, any number of values in 64 KB.
/// For one thread.
/// </summary>
internal sealed class Latencies
{
    private const int StepBits = 7;
    private const int Steps = 1 << StepBits;

    private readonly long[] _counts = new long[(64 - StepBits) * Steps];

    public long Count { get; private set; }

    public double MaxMs { get; private set; }

    /// <param name="ticks">Of <see cref="Stopwatch"/>.</param>
    public void Add(long ticks)
    {
        long nanoseconds = Math.Max(0, ticks) * (1_000_000_000 / Stopwatch.Frequency);
        _counts[Bucket((ulong)nanoseconds)]++;
        Count++;
        MaxMs = Math.Max(MaxMs, nanoseconds / 1e6);
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
        MaxMs = 0;
    }

    /// <summary>NaN when nothing was added.</summary>
    public double PercentileMs(double percent)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(Count * percent / 100));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                return Math.Min(MiddleOf(i) / 1e6, MaxMs);
            }
        }

        return double.NaN;
    }

    private static int Bucket(ulong value)
    {
        if (value < Steps)
        {
            return (int)value;
        }

        int shift = BitOperations.Log2(value) - StepBits;
        return ((shift + 1) << StepBits) + (int)((value >> shift) & (Steps - 1));
    }

    private static double MiddleOf(int bucket)
    {
        if (bucket < Steps)
        {
            return bucket;
        }

        int shift = (bucket >> StepBits) - 1;
        return ((double)(Steps + (bucket & (Steps - 1))) + 0.5) * Math.Pow(2, shift);
    }
}
