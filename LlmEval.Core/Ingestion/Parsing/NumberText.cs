namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>A JSON number taken apart: ± digits × 10^exponent, digits without zeros at either end. Zero has no digits.</summary>
internal readonly ref struct NumberText
{
    private const long MaxExponent = 1_000_000_000_000_000;

    private NumberText(bool negative, ReadOnlySpan<byte> digits, long exponent, bool exact)
    {
        Negative = negative;
        Digits = digits;
        Exponent = exponent;
        Exact = exact;
    }

    public bool Negative { get; }

    public ReadOnlySpan<byte> Digits { get; }

    public long Exponent { get; }

    /// <summary>False when the exponent is beyond all reason and was bounded.</summary>
    public bool Exact { get; }

    public bool IsZero => Digits.IsEmpty;

    /// <param name="json">A valid JSON number.</param>
    /// <param name="scratch">At least as long; the digits may lie in it.</param>
    public static NumberText Of(ReadOnlySpan<byte> json, Span<byte> scratch)
    {
        bool negative = json[0] == '-';
        ReadOnlySpan<byte> rest = negative ? json[1..] : json;
        int e = rest.IndexOfAny((byte)'e', (byte)'E');
        ReadOnlySpan<byte> digits = e < 0 ? rest : rest[..e];
        long exponent = 0;
        int point = digits.IndexOf((byte)'.');
        if (point >= 0)
        {
            exponent = point + 1 - digits.Length;
            digits[..point].CopyTo(scratch);
            digits[(point + 1)..].CopyTo(scratch[point..]);
            digits = scratch[..(digits.Length - 1)];
        }

        digits = digits.TrimStart((byte)'0');
        int withZeros = digits.Length;
        digits = digits.TrimEnd((byte)'0');
        if (digits.IsEmpty)
        {
            return new NumberText(false, [], 0, true);
        }

        bool exact = true;
        exponent += withZeros - digits.Length;
        if (e >= 0)
        {
            exponent += ReadExponent(rest[(e + 1)..], out exact);
        }

        return new NumberText(negative, digits, exponent, exact);
    }

    private static long ReadExponent(ReadOnlySpan<byte> text, out bool exact)
    {
        bool negative = text[0] == '-';
        long value = 0;
        exact = true;
        foreach (byte b in text[0] is (byte)'-' or (byte)'+' ? text[1..] : text)
        {
            value = (value * 10) + (b - '0');
            if (value > MaxExponent)
            {
                exact = false;
                value = MaxExponent;
                break;
            }
        }

        return negative ? -value : value;
    }
}
