using System.ComponentModel.DataAnnotations;

namespace LlmEval.Core.Ingestion;

/// <summary>Section <c>LlmEval:Ingestion</c>: what bounds the intake. Beyond it requests get a 503 at once.</summary>
public sealed class IngestionOptions
{
    /// <summary>The most traces that wait for their commit.</summary>
    [Range(1, 1_000_000)]
    public int QueueTraces { get; set; } = 20_000;

    /// <summary>The most bytes of traces that wait for their commit.</summary>
    [Range(1_048_576, long.MaxValue)]
    public long QueueBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>The most traces in one transaction, but for a single larger request.</summary>
    [Range(1, 10_000)]
    public int BatchTraces { get; set; } = 500;

    /// <summary>The most bytes in one transaction, but for a single larger request.</summary>
    [Range(1_024, int.MaxValue)]
    public int BatchBytes { get; set; } = 8 * 1024 * 1024;
}
