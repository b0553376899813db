using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace LlmEval.Core.Primitives;

/// <summary>A place in a list ordered by time and then insertion number: the last row already seen.</summary>
/// <param name="Timestamp">UTC, to the microsecond.</param>
/// <param name="Id">The insertion number.</param>
public sealed record Cursor(DateTime Timestamp, long Id)
{
    private const int Length = 16;

    /// <summary>The opaque text that callers hand back (base64url of both numbers).</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Timestamp.ToUnixMicroseconds());
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], Id);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out Cursor? cursor)
    {
        cursor = null;
        // Decoding throws on a character that is not base64url, for all its name: ask first.
        if (text is not { Length: > 0 and <= 24 } || !Base64Url.IsValid(text, out int length) || length != Length)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Length];
        Base64Url.DecodeFromChars(text, bytes);
        long micros = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (micros < 0 || micros > Instant.MaxUnixMicroseconds)
        {
            return false;
        }

        cursor = new Cursor(Instant.FromUnixMicroseconds(micros), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]));
        return true;
    }
}
