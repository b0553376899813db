using System.Text.Json;

namespace LlmEval.Core.Ingestion;

/// <summary>The body is no JSON that could be taken for anything: not UTF-8, cut short, a property twice, nested without end.</summary>
/// <param name="line">From 1.</param>
/// <param name="byteInLine">From 1.</param>
public sealed class MalformedBodyException(string problem, long line, long byteInLine)
    : Exception($"{problem} (line {line}, byte {byteInLine})")
{
    // What the reader tells whoever wrote the program that reads, and is not for whoever sent the body.
    private static readonly string[] ToProgrammers =
        [" Expected the input to start with a valid JSON token, when isFinalBlock is true.", " Change the reader options."];

    internal static MalformedBodyException From(JsonException fault)
    {
        // The reader's messages end with the position in words of their own.
        string problem = fault.Message;
        int position = problem.IndexOf(" LineNumber:", StringComparison.Ordinal);
        problem = position < 0 ? problem : problem[..position];
        foreach (string words in ToProgrammers)
        {
            problem = problem.Replace(words, "", StringComparison.Ordinal);
        }

        return new MalformedBodyException(
            "not valid JSON: " + problem.TrimEnd('.'),
            (fault.LineNumber ?? 0) + 1,
            (fault.BytePositionInLine ?? 0) + 1);
    }

    internal static MalformedBodyException At(ReadOnlySpan<byte> body, int position, string problem)
    {
        ReadOnlySpan<byte> before = body[..position];
        return new MalformedBodyException(
            problem,
            before.Count((byte)'\n') + 1,
            position - before.LastIndexOf((byte)'\n'));
    }
}
