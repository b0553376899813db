namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>Reads <c>2025-01-27T12:00:00.123+01:00</c>. Without an offset it is UTC; fractions are cut to the microsecond.</summary>
internal static class Rfc3339
{
    private const int SecondsEnd = 19;

    /// <summary>The year 9999 with an offset may fall out of what a <see cref="DateTime"/> can say: that is no time either.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTime utc)
    {
        utc = default;
        if (text.Length < SecondsEnd
            || !TryDigits(text[..4], out int year)
            || text[4] != '-'
            || !TryDigits(text.Slice(5, 2), out int month)
            || text[7] != '-'
            || !TryDigits(text.Slice(8, 2), out int day)
            || (text[10] | 0x20) != 't'
            || !TryDigits(text.Slice(11, 2), out int hour)
            || text[13] != ':'
            || !TryDigits(text.Slice(14, 2), out int minute)
            || text[16] != ':'
            || !TryDigits(text.Slice(17, 2), out int second)
            || !TryFraction(text[SecondsEnd..], out int micros, out int fractionLength)
            || !TryOffset(text[(SecondsEnd + fractionLength)..], out int offsetMinutes))
        {
            return false;
        }

        // 60 is a leap second, which runs into the next minute here.
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        long ticks = new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc).Ticks
            + (second * TimeSpan.TicksPerSecond)
            + (micros * TimeSpan.TicksPerMicrosecond)
            - (offsetMinutes * TimeSpan.TicksPerMinute);
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        utc = new DateTime(ticks, DateTimeKind.Utc);
        return true;
    }

    private static bool TryFraction(ReadOnlySpan<byte> text, out int micros, out int length)
    {
        micros = 0;
        length = 0;
        if (text.IsEmpty || text[0] != '.')
        {
            return true;
        }

        int digits = 0;
        while (digits + 1 < text.Length && char.IsAsciiDigit((char)text[digits + 1]))
        {
            digits++;
            if (digits <= 6)
            {
                micros = (micros * 10) + (text[digits] - '0');
            }
        }

        for (int missing = digits; missing < 6; missing++)
        {
            micros *= 10;
        }

        length = digits + 1;
        return digits > 0;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.IsEmpty || (text.Length == 1 && (text[0] | 0x20) == 'z'))
        {
            return true;
        }

        if (text.Length != 6
            || text[0] is not ((byte)'+' or (byte)'-')
            || !TryDigits(text.Slice(1, 2), out int hours)
            || text[3] != ':'
            || !TryDigits(text.Slice(4, 2), out int rest)
            || hours > 23
            || rest > 59)
        {
            return false;
        }

        minutes = ((hours * 60) + rest) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (byte b in text)
        {
            if (!char.IsAsciiDigit((char)b))
            {
                return false;
            }

            value = (value * 10) + (b - '0');
        }

        return true;
    }
}
