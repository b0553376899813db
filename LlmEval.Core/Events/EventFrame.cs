using System.Buffers.Text;

namespace LlmEval.Core.Events;

/// <summary>The bytes of an event on a stream: <c>id: 7\ndata: {…}\n\n</c>.</summary>
public static class EventFrame
{
    private const int MaxIdDigits = 19;

    private static ReadOnlySpan<byte> IdField => "id: "u8;

    private static ReadOnlySpan<byte> DataField => "\ndata: "u8;

    private static ReadOnlySpan<byte> End => "\n\n"u8;

    /// <summary>The most bytes that the frame of a payload can take.</summary>
    public static int MaxLength(ReadOnlySpan<byte> payload) => IdField.Length + MaxIdDigits + DataField.Length + payload.Length + End.Length;

    /// <returns>The number of bytes written.</returns>
    public static int Write(Span<byte> target, long id, ReadOnlySpan<byte> payload)
    {
        IdField.CopyTo(target);
        int at = IdField.Length;
        Utf8Formatter.TryFormat(id, target[at..], out int digits);
        at += digits;
        DataField.CopyTo(target[at..]);
        at += DataField.Length;
        payload.CopyTo(target[at..]);
        at += payload.Length;
        End.CopyTo(target[at..]);
        return at + End.Length;
    }

    public static byte[] Encode(long id, ReadOnlySpan<byte> payload)
    {
        var buffer = new byte[MaxLength(payload)];
        return buffer[..Write(buffer, id, payload)];
    }

    public static ReadOnlyMemory<byte> PayloadOf(ReadOnlyMemory<byte> frame)
    {
        int start = frame.Span.IndexOf(DataField) + DataField.Length;
        return frame[start..^End.Length];
    }
}
