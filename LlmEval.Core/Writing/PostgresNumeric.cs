using System.Buffers.Binary;

namespace LlmEval.Core.Writing;

/// <summary>A decimal as PostgreSQL's <c>numeric_recv</c> reads it: digits to the base of ten thousand.</summary>
internal static class PostgresNumeric
{
    private const int Base = 10_000;
    private const int DigitsInBase = 4;
    private const int Head = 4 * sizeof(short);

    // 29 decimal digits, of which up to 28 behind the point, begin and end within a digit of the base.
    private const int MaxDigits = 9;

    /// <summary>The most bytes that a decimal takes.</summary>
    public const int MaxLength = Head + (MaxDigits * sizeof(short));

    /// <param name="room">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="unused">How many of them were not needed.</param>
    public static void Write(decimal value, Span<byte> room, out int unused)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var whole = new UInt128((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);

        // Made to end where a digit of the base ends.
        int filled = (DigitsInBase - (value.Scale % DigitsInBase)) % DigitsInBase;
        for (int i = 0; i < filled; i++)
        {
            whole *= 10;
        }

        Span<short> digits = stackalloc short[MaxDigits + 1];
        int count = 0;
        while (whole > ulong.MaxValue)
        {
            (whole, UInt128 rest) = UInt128.DivRem(whole, Base);
            digits[count++] = (short)rest;
        }

        for (ulong left = (ulong)whole; left > 0; left /= Base)
        {
            digits[count++] = (short)(left % Base);
        }

        int behindPoint = (value.Scale + filled) / DigitsInBase;
        BinaryPrimitives.WriteInt16BigEndian(room, (short)count);
        BinaryPrimitives.WriteInt16BigEndian(room[2..], (short)(count - behindPoint - 1));
        BinaryPrimitives.WriteInt16BigEndian(room[4..], decimal.IsNegative(value) && count > 0 ? (short)0x4000 : (short)0);
        BinaryPrimitives.WriteInt16BigEndian(room[6..], value.Scale);
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt16BigEndian(room[(Head + (i * sizeof(short)))..], digits[count - 1 - i]);
        }

        unused = room.Length - Head - (count * sizeof(short));
    }
}
