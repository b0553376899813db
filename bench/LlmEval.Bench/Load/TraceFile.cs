using System.IO.Compression;

namespace LlmEval.Bench.Load;

/// <summary>Traces that somebody has, as JSON Lines.</summary>
internal static class TraceFile
{
    /// <summary>The path that <c>--file</c> names.</summary>
    public static string Of(Arguments arguments) =>
        arguments.Text("file") ?? throw new BenchFailure("say which traces: --file traces.jsonl or --file traces.jsonl.gz");

    /// <returns>What the file holds, unpacked when its name ends in <c>.gz</c>.</returns>
    public static async Task<byte[]> ReadAsync(string file, CancellationToken cancel)
    {
        await using FileStream stored = File.OpenRead(file);
        await using Stream lines = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(stored, CompressionMode.Decompress) : stored;
        using var bytes = new MemoryStream();
        await lines.CopyToAsync(bytes, cancel);
        return bytes.ToArray();
    }
}
