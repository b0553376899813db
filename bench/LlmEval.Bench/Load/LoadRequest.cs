namespace LlmEval.Bench.Load;

/// <summary>The bytes of one request, reused for the next, and where its traces' ids stand in them.</summary>
internal sealed class LoadRequest(int maxLength, int batchSize)
{
    public byte[] Buffer { get; } = new byte[maxLength];

    public int Start { get; set; }

    public int End { get; set; }

    public int[] IdAt { get; } = new int[batchSize];

    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(Start, End - Start);

    public ReadOnlySpan<byte> Id(int trace) => Buffer.AsSpan(IdAt[trace], TraceId.Length);
}
