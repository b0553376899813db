using LlmEval.Bench.Machine;

namespace LlmEval.Bench.Load;

/// <summary>A request that was sent whole and never answered.</summary>
internal sealed record Unanswered(long SentAt, IReadOnlyList<string> TraceIds);

/// <summary>What the load generator met. Counts and durations are those of the measured stretch; faults those of the whole run.</summary>
internal sealed class LoadResult
{
    public Latencies Latency { get; } = new();

    public long Requests { get; set; }

    public long Traces { get; set; }

    public double Seconds { get; set; }

    public CpuUse Cpu { get; set; }

    /// <summary>Traces acknowledged in the whole run.</summary>
    public long Acknowledged { get; set; }

    public SortedDictionary<int, long> Statuses { get; } = [];

    /// <summary>Connections that ended while an answer was due.</summary>
    public long BrokenConnections { get; set; }

    public List<Unanswered> Unanswered { get; } = [];

    /// <summary>The first answer that was neither 200 nor, with retries, 503.</summary>
    public string? Surprise { get; set; }

    /// <summary>The longest time without a 200, in ticks, and when it ended.</summary>
    public (long Length, long EndedAt) LongestSilence { get; set; }

    /// <summary>Resident memory of the server at the end.</summary>
    public long ServerBytes { get; set; }

    /// <summary>How many events the text indexer was behind at the end; null when it was not running.</summary>
    public long? IndexLag { get; set; }

    public double TracesPerSecond => Traces / Seconds;

    public string StatusText => string.Join(", ", Statuses.Select(s => $"{s.Key}: {s.Value:N0}"));

    /// <summary>Every answer was a 200, and every request was answered.</summary>
    public LoadResult Flawless(string what)
    {
        BenchFailure.Unless(Surprise is null, $"{what}: {Surprise}");
        BenchFailure.Unless(
            Unanswered.Count == 0 && BrokenConnections == 0,
            $"{what}: {BrokenConnections} connections broke, {Unanswered.Count} requests were never answered");
        BenchFailure.Unless(Requests > 0, $"{what}: nothing was answered");
        return this;
    }
}
