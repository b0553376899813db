using System.Collections.Concurrent;

namespace LlmEval.Core.Limits;

/// <summary>
/// Counts in this process, by the generic cell rate algorithm: of each caller no more is kept than when their quota will be whole
/// again. The limiters of <c>System.Threading.RateLimiting</c> keep a timer and a queue for each, and know no other clock.
/// </summary>
internal sealed class LocalRates(TimeProvider time)
{
    /// <summary>Whoever comes when so many are counted already is counted with all the others that do.</summary>
    private const int MostCounted = 100_000;

    private const string Others = "*";

    private readonly ConcurrentDictionary<string, long> _wholeAt = new(StringComparer.Ordinal);
    private long _sweptAt;

    private long Now => time.GetUtcNow().Ticks / TimeSpan.TicksPerMicrosecond;

    /// <returns>Whether it is allowed, and in how many microseconds the quota is whole again.</returns>
    public (bool IsAllowed, long Used) Take(RatePolicy policy, string partition, int count)
    {
        long now = Now;
        string key = KeyOf(policy, partition, now);
        while (true)
        {
            bool isKnown = _wholeAt.TryGetValue(key, out long before);
            long used = Math.Max(before, now) - now;
            long after = used + policy.Cost(count);
            if (after > policy.WindowMicroseconds)
            {
                return (false, used);
            }

            if (isKnown ? _wholeAt.TryUpdate(key, now + after, before) : _wholeAt.TryAdd(key, now + after))
            {
                return (true, after);
            }
        }
    }

    /// <summary>Takes over how a caller stands, when that was counted elsewhere.</summary>
    public void Follow(RatePolicy policy, string partition, long used)
    {
        long now = Now;
        _wholeAt.AddOrUpdate(KeyOf(policy, partition, now), now + used, (_, known) => Math.Max(known, now + used));
    }

    private string KeyOf(RatePolicy policy, string partition, long now)
    {
        string key = $"{policy.Name}:{partition}";
        if (_wholeAt.Count < MostCounted || _wholeAt.ContainsKey(key))
        {
            return key;
        }

        Sweep(now);
        return _wholeAt.Count < MostCounted ? key : $"{policy.Name}:{Others}";
    }

    private void Sweep(long now)
    {
        // Looking through all of them for every newcomer would be a way to be slowed down.
        long swept = Volatile.Read(ref _sweptAt);
        if (now - swept < 1_000_000 || Interlocked.CompareExchange(ref _sweptAt, now, swept) != swept)
        {
            return;
        }

        foreach (KeyValuePair<string, long> entry in _wholeAt)
        {
            if (entry.Value <= now)
            {
                _wholeAt.TryRemove(entry);
            }
        }
    }
}
