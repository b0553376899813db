using System.Diagnostics;

namespace LlmEval.Bench.Watching;

/// <summary>Where an alert can be seen.</summary>
internal enum Place
{
    Stream,
    Page,
    Receiver,
}

/// <summary>Which alerts were seen raised and cleared, where and when. For many threads.</summary>
internal sealed class Sightings
{
    private static readonly Place[] Places = Enum.GetValues<Place>();

    private readonly Lock _gate = new();
    private readonly Dictionary<(Place, string Rule), (bool Raised, long At)> _last = [];
    private string? _fault;

    /// <summary>Notes what stands at a place from now on; the same again changes nothing.</summary>
    public void Saw(Place place, string rule, bool raised)
    {
        lock (_gate)
        {
            if (!_last.TryGetValue((place, rule), out var before) || before.Raised != raised)
            {
                _last[(place, rule)] = (raised, Stopwatch.GetTimestamp());
            }
        }
    }

    /// <summary>What was seen is not as it should be: whoever waits is told.</summary>
    public void Fail(string fault) => Interlocked.CompareExchange(ref _fault, fault, null);

    /// <summary>Waits until an alert is raised, or cleared, at every place.</summary>
    /// <returns>How long after a moment each place had it.</returns>
    public async Task<Dictionary<Place, TimeSpan>> UntilAsync(string rule, bool raised, long since, TimeSpan atMost, CancellationToken cancel)
    {
        while (true)
        {
            BenchFailure.Unless(Volatile.Read(ref _fault) is null, _fault ?? "");
            Dictionary<Place, TimeSpan> seen = Seen(rule, raised, since);
            if (seen.Count == Places.Length)
            {
                return seen;
            }

            BenchFailure.Unless(
                Stopwatch.GetElapsedTime(since) < atMost,
                $"'{rule}' was not {(raised ? "raised" : "cleared")} within {atMost.TotalSeconds:0} s: "
                + string.Join(", ", Places.Select(p => $"{p} {(seen.TryGetValue(p, out TimeSpan at) ? $"after {at.TotalSeconds:0.0} s" : "not")}")));
            await Task.Delay(50, cancel);
        }
    }

    private Dictionary<Place, TimeSpan> Seen(string rule, bool raised, long since)
    {
        lock (_gate)
        {
            return Places
                .Where(p => _last.TryGetValue((p, rule), out var at) && at.Raised == raised)
                .ToDictionary(p => p, p => Stopwatch.GetElapsedTime(since, Math.Max(since, _last[(p, rule)].At)));
        }
    }
}
