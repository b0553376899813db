using System.ComponentModel.DataAnnotations;

namespace LlmEval.Core.Caching;

/// <summary>Section <c>LlmEval:Caching</c>.</summary>
public sealed class CachingOptions
{
    /// <summary>The most memory that cached entries take in this process.</summary>
    [Range(1, 65_536)]
    public int MemoryMegabytes { get; set; } = 64;

    /// <summary>How long an entry stays in memory when nothing changes it.</summary>
    [Range(1, 24 * 60)]
    public int MemoryMinutes { get; set; } = 5;

    /// <summary>How long an entry stays in Redis when nothing changes it.</summary>
    [Range(1, 24 * 60)]
    public int RedisMinutes { get; set; } = 30;
}
