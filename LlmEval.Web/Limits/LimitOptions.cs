using System.ComponentModel.DataAnnotations;

namespace LlmEval.Web.Limits;

/// <summary>
/// Section <c>LlmEval:Limits</c>: what one caller may do, by key, else by person, else by network address. 0 is no limit. Nobody is
/// limited while the server is open to its own machine without credentials.
/// </summary>
public sealed class LimitOptions
{
    /// <summary>A batch is the largest thing that can be asked for at once.</summary>
    private const int LeastTraces = 100;

    public int TracesPerMinute { get; set; } = 600_000;

    /// <summary>Of everything but the two webhooks, which are counted by their traces.</summary>
    [Range(0, int.MaxValue)]
    public int RequestsPerMinute { get; set; } = 6_000;

    /// <summary>Open at a time, on all replicas together when there is Redis.</summary>
    [Range(0, int.MaxValue)]
    public int StreamsPerCaller { get; set; } = 200;

    /// <summary>Of all callers together, open at a time on one replica.</summary>
    [Range(0, int.MaxValue)]
    public int Streams { get; set; } = 20_000;

    /// <summary>Imports that one caller has under way at a time, on all replicas together when there is Redis.</summary>
    [Range(0, int.MaxValue)]
    public int ImportsPerCaller { get; set; } = 8;

    /// <summary>Of all callers together, under way at a time on one replica: each holds some megabytes.</summary>
    [Range(0, int.MaxValue)]
    public int Imports { get; set; } = 32;

    /// <summary>Pages that one person has open at a time, on all replicas together when there is Redis.</summary>
    [Range(0, int.MaxValue)]
    public int PagesPerPerson { get; set; } = 50;

    /// <summary>Network connections at a time, without those of open pages. One network holds at most half, with them.</summary>
    [Range(0, int.MaxValue)]
    public int Connections { get; set; } = 30_000;

    /// <summary>Connections of open pages at a time, which come besides.</summary>
    [Range(0, int.MaxValue)]
    public int PageConnections { get; set; } = 5_000;

    internal bool IsAtLeastABatch => TracesPerMinute is 0 or >= LeastTraces;
}
