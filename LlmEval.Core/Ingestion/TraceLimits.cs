namespace LlmEval.Core.Ingestion;

/// <summary>How much a trace may hold.</summary>
public static class TraceLimits
{
    /// <summary>Of ids, names and tags, in Unicode characters.</summary>
    public const int NameCharacters = 256;

    /// <summary>Of a query, an answer or a system prompt, in bytes of UTF-8.</summary>
    public const int TextBytes = 1 << 20;

    public const int Tags = 64;
    public const int TracesPerBatch = 100;

    /// <summary>Levels of objects and arrays in metadata and other kept JSON, the outermost included.</summary>
    public const int Depth = 64;

    public const long Whole = 1_000_000_000_000;
    public const double ResponseTimeMs = 1e12;
    public const decimal Cost = 1_000_000_000m;
    public const int CostDecimals = 12;

    /// <summary>What <c>tokens_used</c> is when only its parts were sent: their sum, as far as the field holds it. Null without either.</summary>
    public static long? SumOfTokens(long? prompt, long? completion) =>
        (prompt ?? completion) is null ? null : Math.Min(Whole, (prompt ?? 0) + (completion ?? 0));

    /// <summary>How far ahead of its receipt a trace may be dated: clocks are wrong, but not by more than a day.</summary>
    public static readonly TimeSpan TimeAhead = TimeSpan.FromHours(24);
}
