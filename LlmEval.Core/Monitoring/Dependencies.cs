using LlmEval.Core.Search;

namespace LlmEval.Core.Monitoring;

/// <summary>How what the process depends on was when it was last looked at.</summary>
/// <param name="DatabaseFault">Null when it answers.</param>
/// <param name="DatabaseAwaySince">When it was first found away; null when it answers.</param>
/// <param name="RedisUp">Null when none is configured.</param>
/// <param name="EventsBehind">Events in the log that this replica's readers cannot have yet.</param>
/// <param name="EventLag">The age of the first of them.</param>
/// <param name="Search">Null before the first look.</param>
public sealed record Dependencies(
    string? DatabaseFault,
    DateTime? DatabaseAwaySince,
    bool? RedisUp,
    long EventsBehind,
    TimeSpan EventLag,
    SearchLag? Search)
{
    /// <summary>When Redis was first found not to be connected; null when it is, or none is configured.</summary>
    public DateTime? RedisAwaySince { get; init; }

    public bool DatabaseUp => DatabaseFault is null;
}
