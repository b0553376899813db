using LlmEval.Bench.Ledgers;
using LlmEval.Bench.Machine;

namespace LlmEval.Bench.Load;

/// <summary>What the load generator is to do.</summary>
internal sealed record LoadPlan
{
    /// <summary>
    /// Single traces after which a server costs what it goes on to cost: 290 µs of processor each in the first 5 s, 160 in the next,
    /// 90 from the third.
    /// </summary>
    public const long SettledAfter = 150_000;

    /// <summary>Of the servers on the loopback; connections take turns.</summary>
    public required IReadOnlyList<int> Ports { get; init; }

    public required TraceBodies Bodies { get; init; }

    public int Connections { get; init; } = 64;

    /// <summary>1 posts single traces, more posts batches.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>Requests a second at fixed times, whatever the answers do; null sends the next when the last was answered.</summary>
    public double? Rate { get; init; }

    public TimeSpan WarmUp { get; init; }

    /// <summary>
    /// The warm-up goes on until so many requests were answered, but no longer than five times as long: how soon code is compiled
    /// for speed depends on how often it ran.
    /// </summary>
    public long WarmUpRequests { get; init; }

    /// <summary>Of the measured stretch.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Ends earlier when so many traces were sent.</summary>
    public long? Traces { get; init; }

    /// <summary>The timestamp of a trace by its number; null takes the present.</summary>
    public Func<long, DateTime>? TimeOf { get; init; }

    /// <summary>The word that a trace holds besides, by its number.</summary>
    public Func<long, string?>? SpecialWordOf { get; init; }

    /// <summary>Whether a request that got a 502, 503 or 504, or lost its connection, is sent again until it is answered.</summary>
    public bool Retry { get; init; }

    /// <summary>An API key that every request carries.</summary>
    public string? Key { get; init; }

    /// <summary>What every request is signed with, as Standard Webhooks has it.</summary>
    public byte[]? Secret { get; init; }

    public Ledger? Ledger { get; init; }

    /// <summary>Gets the moment of each good answer; of single traces at a fixed rate.</summary>
    public AnswerTimes? Answers { get; init; }

    /// <summary>Measures over the measured stretch.</summary>
    public CpuMeter? Meter { get; init; }
}
