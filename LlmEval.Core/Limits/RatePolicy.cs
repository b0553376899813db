namespace LlmEval.Core.Limits;

/// <summary>How much each of many may do in how long: all of it at once, and then as it comes back.</summary>
/// <param name="Name">As callers are told it.</param>
public sealed record RatePolicy(string Name, int Quota, TimeSpan Window)
{
    private const double MicrosecondsPerTick = 1.0 / TimeSpan.TicksPerMicrosecond;

    internal long WindowMicroseconds => (long)(Window.Ticks * MicrosecondsPerTick);

    /// <summary>How long it takes until so much has come back.</summary>
    internal long Cost(int count) => (long)Math.Ceiling((double)WindowMicroseconds * Math.Min(count, Quota) / Quota);
}

/// <summary>Whether something may be done now.</summary>
/// <param name="Remaining">What may be done at once after it.</param>
/// <param name="Reset">When it is allowed, until all of the quota is there again; when not, until the same could be asked for again.</param>
public readonly record struct RateDecision(bool IsAllowed, long Remaining, TimeSpan Reset);
