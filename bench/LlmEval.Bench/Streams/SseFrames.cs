using System.Buffers.Text;

namespace LlmEval.Bench.Streams;

/// <summary>One frame of a stream, cut out of the bytes.</summary>
/// <param name="id">-1 when it has none.</param>
internal readonly ref struct SseFrame(long id, ReadOnlySpan<byte> data)
{
    public long Id { get; } = id;

    /// <summary>Empty in a heartbeat.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;

    public bool Is(ReadOnlySpan<byte> eventName)
    {
        ReadOnlySpan<byte> start = "{\"event\":\""u8;
        ReadOnlySpan<byte> data = Data;
        return data.StartsWith(start) && data[start.Length..].StartsWith(eventName) && data[start.Length + eventName.Length] == (byte)'"';
    }
}

/// <summary>Cuts Server-Sent Events frames. Lines end in LF, as the product writes them.</summary>
internal static class SseFrames
{
    /// <returns>The length of the frame with its blank line; 0 when it is not complete.</returns>
    public static int Cut(ReadOnlySpan<byte> bytes, out SseFrame frame)
    {
        int end = bytes.IndexOf("\n\n"u8);
        if (end < 0)
        {
            frame = default;
            return 0;
        }

        long id = -1;
        ReadOnlySpan<byte> data = default;
        ReadOnlySpan<byte> rest = bytes[..end];
        while (!rest.IsEmpty)
        {
            int lineEnd = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = lineEnd < 0 ? rest : rest[..lineEnd];
            rest = lineEnd < 0 ? default : rest[(lineEnd + 1)..];
            if (line.StartsWith("id: "u8))
            {
                Utf8Parser.TryParse(line[4..], out id, out _);
            }
            else if (line.StartsWith("data: "u8))
            {
                data = line[6..];
            }
        }

        frame = new SseFrame(id, data);
        return end + 2;
    }
}
