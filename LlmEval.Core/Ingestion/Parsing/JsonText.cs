using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>
/// JSON strings as text that any database can hold. The framework refuses escaped lone surrogates, which truncated model output
/// really contains, so escapes are undone here.
/// </summary>
internal static class JsonText
{
    private const int Replacement = 0xFFFD;
    private const int EscapeLength = 6;

    /// <summary>Undoes the escapes of a valid JSON string.</summary>
    /// <param name="source">Between the quotes.</param>
    /// <param name="target">At least as long as the source.</param>
    /// <param name="keepBroken">Writes U+0000 and lone surrogates (in three bytes) instead of U+FFFD.</param>
    /// <param name="broken">Whether there was any of these.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Unescape(ReadOnlySpan<byte> source, Span<byte> target, bool keepBroken, out bool broken)
    {
        broken = false;
        int written = 0;
        while (true)
        {
            int plain = source.IndexOf((byte)'\\');
            if (plain < 0)
            {
                source.CopyTo(target[written..]);
                return written + source.Length;
            }

            source[..plain].CopyTo(target[written..]);
            written += plain;
            source = source[plain..];
            if (source[1] != 'u')
            {
                target[written++] = SimpleEscape(source[1]);
                source = source[2..];
                continue;
            }

            int length = ReadEscape(source, out int codePoint, out bool valid);
            broken |= !valid;
            written += Encode(valid || keepBroken ? codePoint : Replacement, target[written..]);
            source = source[length..];
        }
    }

    /// <summary>The text of a valid JSON string, fit for any database.</summary>
    /// <param name="source">Between the quotes.</param>
    public static string ToText(ReadOnlySpan<byte> source)
    {
        if (!source.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(source);
        }

        var target = new byte[source.Length];
        return Encoding.UTF8.GetString(target.AsSpan(0, Unescape(source, target, keepBroken: false, out _)));
    }

    /// <summary>Finds the next escape that no database holds: U+0000 or a lone surrogate.</summary>
    /// <param name="json">Valid JSON.</param>
    /// <param name="from">Outside any escape.</param>
    /// <returns>The index of its backslash, or -1.</returns>
    public static int IndexOfBrokenEscape(ReadOnlySpan<byte> json, int from)
    {
        while (true)
        {
            int next = json[from..].IndexOf((byte)'\\');
            if (next < 0)
            {
                return -1;
            }

            from += next;
            if (json[from + 1] != 'u')
            {
                from += 2;
                continue;
            }

            int length = ReadEscape(json[from..], out _, out bool valid);
            if (!valid)
            {
                return from;
            }

            from += length;
        }
    }

    /// <summary>Counts Unicode characters.</summary>
    public static int CountCharacters(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        foreach (byte b in utf8)
        {
            count += (b & 0xC0) == 0x80 ? 0 : 1;
        }

        return count;
    }

    /// <summary>Cuts a value for a message, and makes it one printable line.</summary>
    public static string Cut(ReadOnlySpan<byte> utf8)
    {
        const int shown = 64;
        string text = Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, shown * 4)]);
        var cut = new StringBuilder(shown + 1);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (cut.Length >= shown)
            {
                return cut.Append('…').ToString();
            }

            cut.Append(Rune.GetUnicodeCategory(rune) == UnicodeCategory.Control ? Rune.ReplacementChar : rune);
        }

        return cut.ToString();
    }

    private static int ReadEscape(ReadOnlySpan<byte> source, out int codePoint, out bool valid)
    {
        codePoint = HexUnit(source);
        valid = codePoint is not 0 and not (>= 0xD800 and <= 0xDFFF);
        if (codePoint is >= 0xD800 and <= 0xDBFF
            && source.Length >= 2 * EscapeLength
            && source[EscapeLength] == '\\'
            && source[EscapeLength + 1] == 'u'
            && HexUnit(source[EscapeLength..]) is >= 0xDC00 and <= 0xDFFF and int low)
        {
            codePoint = 0x10000 + ((codePoint - 0xD800) << 10) + (low - 0xDC00);
            valid = true;
            return 2 * EscapeLength;
        }

        return EscapeLength;
    }

    private static int HexUnit(ReadOnlySpan<byte> escape)
    {
        Utf8Parser.TryParse(escape.Slice(2, 4), out ushort unit, out _, 'x');
        return unit;
    }

    private static byte SimpleEscape(byte escaped) => escaped switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => escaped,
    };

    private static int Encode(int codePoint, Span<byte> target)
    {
        switch (codePoint)
        {
            case < 0x80:
                target[0] = (byte)codePoint;
                return 1;
            case < 0x800:
                target[0] = (byte)(0xC0 | (codePoint >> 6));
                target[1] = Continuation(codePoint);
                return 2;
            case < 0x10000:
                target[0] = (byte)(0xE0 | (codePoint >> 12));
                target[1] = Continuation(codePoint >> 6);
                target[2] = Continuation(codePoint);
                return 3;
            default:
                target[0] = (byte)(0xF0 | (codePoint >> 18));
                target[1] = Continuation(codePoint >> 12);
                target[2] = Continuation(codePoint >> 6);
                target[3] = Continuation(codePoint);
                return 4;
        }
    }

    private static byte Continuation(int bits) => (byte)(0x80 | (bits & 0x3F));
}
