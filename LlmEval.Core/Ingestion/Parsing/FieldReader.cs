using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LlmEval.Core.Primitives;

namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>
/// Reads values by their rules. Every reader leaves the body at the value's last token; one that finds a fault returns null, and
/// what it says for a hash then means nothing.
/// </summary>
internal static class FieldReader
{
    public const string Required = "is required";
    public const string NotAString = "must be a string";
    private const int MoneyDigits = 28;

    /// <summary>A text of some length, bounded in bytes.</summary>
    public static string? Text(ref BodyReader body, string field, ref FaultList faults, out UInt128 hash)
    {
        if (!TryText(ref body, field, ref faults, out ReadOnlySpan<byte> text))
        {
            hash = default;
            return null;
        }

        hash = CanonicalHash.Text(text);
        if (text.Length > TraceLimits.TextBytes)
        {
            faults.Add(field, $"must be at most {TraceLimits.TextBytes} bytes of UTF-8");
            return null;
        }

        return Encoding.UTF8.GetString(text);
    }

    /// <summary>A short text, bounded in characters.</summary>
    public static string? Name(ref BodyReader body, string field, ref FaultList faults, out UInt128 hash)
    {
        hash = default;
        if (!TryText(ref body, field, ref faults, out ReadOnlySpan<byte> text))
        {
            return null;
        }

        hash = CanonicalHash.Text(text);
        return Bounded(text, field, ref faults);
    }

    /// <summary>A short text that must say something; whitespace around it is dropped.</summary>
    public static string? TrimmedName(ref BodyReader body, string field, bool isId, ref FaultList faults, out UInt128 hash)
    {
        hash = default;
        if (!TryText(ref body, field, ref faults, out ReadOnlySpan<byte> text))
        {
            return null;
        }

        // U+0000 never reaches the text, so that it has to be looked for where it was sent.
        bool control = isId && body.Raw.IndexOf("\\u0000"u8) >= 0 && HoldsNul(body.Raw);
        text = Trim(text);
        if (text.IsEmpty)
        {
            faults.Add(field, "must not be empty");
            return null;
        }

        hash = CanonicalHash.Text(text);
        string? name = Bounded(text, field, ref faults);
        if (name is not null && isId && (control || HoldsControl(name)))
        {
            faults.Add(field, "must not contain control characters");
            return null;
        }

        return name;
    }

    public static long? Whole(ref BodyReader body, string field, ref FaultList faults, out UInt128 hash)
    {
        hash = default;
        if (body.Token != JsonTokenType.Number)
        {
            Refuse(ref body, field, "must be a whole number", ref faults);
            return null;
        }

        if (!TryWhole(body.Raw, out long value, out string? problem))
        {
            faults.Add(field, problem);
            return null;
        }

        hash = CanonicalHash.Typed(value);
        return value;
    }

    public static int? Version(ref BodyReader body, string field, int most, ref FaultList faults)
    {
        if (Whole(ref body, field, ref faults, out _) is not { } version)
        {
            return null;
        }

        if (version < 1 || version > most)
        {
            faults.Add(field, $"must be between 1 and {most}");
            return null;
        }

        return (int)version;
    }

    public static EvaluationStatus? Status(ref BodyReader body, string field, ref FaultList faults)
    {
        if (body.Token == JsonTokenType.String && EvaluationStatuses.TryParse(Encoding.UTF8.GetString(body.Text()), out EvaluationStatus status))
        {
            return status;
        }

        Refuse(ref body, field, $"must be one of {string.Join(", ", EvaluationStatuses.All)}", ref faults);
        return null;
    }

    public static double? Real(ref BodyReader body, string field, ref FaultList faults, out UInt128 hash)
    {
        hash = default;
        if (body.Token != JsonTokenType.Number)
        {
            Refuse(ref body, field, "must be a number", ref faults);
            return null;
        }

        bool parsed = Utf8Parser.TryParse(body.Raw, out double value, out int used) && used == body.Raw.Length;
        if (!parsed)
        {
            faults.Add(field, "must be a number");
            return null;
        }

        if (value is < 0 or > TraceLimits.ResponseTimeMs)
        {
            faults.Add(field, value < 0 ? "must be at least 0" : AtMost(TraceLimits.ResponseTimeMs));
            return null;
        }

        value = value == 0 ? 0 : value;
        hash = CanonicalHash.Typed(BitConverter.DoubleToInt64Bits(value));
        return value;
    }

    public static decimal? Money(ref BodyReader body, string field, ref FaultList faults, out UInt128 hash)
    {
        hash = default;
        if (body.Token != JsonTokenType.Number)
        {
            Refuse(ref body, field, "must be a number", ref faults);
            return null;
        }

        ReadOnlySpan<byte> raw = body.Raw;
        if (raw.Length > MoneyDigits
            || raw.ContainsAny((byte)'e', (byte)'E')
            || !Utf8Parser.TryParse(raw, out decimal value, out int used)
            || used != raw.Length)
        {
            value = OddMoney(raw);
        }

        if (value is < 0 or > TraceLimits.Cost)
        {
            faults.Add(field, value < 0 ? "must be at least 0" : AtMost((double)TraceLimits.Cost));
            return null;
        }

        value = value == 0 ? 0 : decimal.Round(value, TraceLimits.CostDecimals, MidpointRounding.AwayFromZero);
        hash = CanonicalHash.Typed((Int128)(value * 1_000_000_000_000m));
        return value;
    }

    /// <param name="latest">The last moment that is believed; null believes any.</param>
    public static DateTime? Time(ref BodyReader body, string field, DateTime? latest, ref FaultList faults, out UInt128 hash)
    {
        hash = default;
        if (!TryText(ref body, field, ref faults, out ReadOnlySpan<byte> text))
        {
            return null;
        }

        if (!Rfc3339.TryParse(text, out DateTime time))
        {
            faults.Add(field, $"must be an RFC 3339 time such as 2025-01-27T12:00:00Z, not \"{JsonText.Cut(text)}\"");
            return null;
        }

        if (time < DateTime.UnixEpoch || time > latest)
        {
            faults.Add(field, time < DateTime.UnixEpoch ? "must not be before 1970" : "must not be more than 24 hours ahead");
            return null;
        }

        hash = CanonicalHash.Typed(time.ToUnixMicroseconds());
        return time;
    }

    public static string[]? Tags(ref BodyReader body, string field, ref FaultList faults, out UInt128 hash)
    {
        hash = default;
        if (body.Token != JsonTokenType.StartArray)
        {
            Refuse(ref body, field, "must be an array of strings", ref faults);
            return null;
        }

        bool good = true;
        var tags = new List<string>();
        hash = CanonicalHash.EmptyArray;
        for (int i = 0; body.NextItem(); i++)
        {
            string? tag = null;
            if (i < TraceLimits.Tags)
            {
                tag = Name(ref body, $"{field}[{i}]", ref faults, out UInt128 item);
                hash = CanonicalHash.Append(hash, item);
            }
            else
            {
                body.HashValue(out _);
                if (i == TraceLimits.Tags)
                {
                    faults.Add(field, $"must hold at most {TraceLimits.Tags} tags");
                }
            }

            if (tag is null)
            {
                good = false;
            }
            else
            {
                tags.Add(tag);
            }
        }

        return good ? [.. tags] : null;
    }

    /// <summary>Says what is wrong with the current value and passes over it.</summary>
    public static void Refuse(ref BodyReader body, string field, string problem, ref FaultList faults)
    {
        faults.Add(field, problem);
        body.HashValue(out _);
    }

    private static bool TryText(ref BodyReader body, string field, ref FaultList faults, out ReadOnlySpan<byte> text)
    {
        if (body.Token == JsonTokenType.String)
        {
            text = body.Text();
            return true;
        }

        Refuse(ref body, field, NotAString, ref faults);
        text = default;
        return false;
    }

    private static string? Bounded(ReadOnlySpan<byte> text, string field, ref FaultList faults)
    {
        if (text.Length > TraceLimits.NameCharacters && JsonText.CountCharacters(text) > TraceLimits.NameCharacters)
        {
            faults.Add(field, $"must be at most {TraceLimits.NameCharacters} characters");
            return null;
        }

        return Encoding.UTF8.GetString(text);
    }

    private static bool TryWhole(ReadOnlySpan<byte> raw, out long value, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        if (!Utf8Parser.TryParse(raw, out value, out int used) || used != raw.Length)
        {
            NumberText number = NumberText.Of(raw, new byte[raw.Length]);
            if (number.Negative)
            {
                value = -1;
            }
            else if (number.Exponent < 0)
            {
                problem = "must be a whole number";
                return false;
            }
            else if (number.Digits.Length + number.Exponent > 13)
            {
                value = long.MaxValue;
            }
            else
            {
                value = 0;
                foreach (byte digit in number.Digits)
                {
                    value = (value * 10) + (digit - '0');
                }

                for (long zeros = number.Exponent; zeros > 0 && value > 0; zeros--)
                {
                    value *= 10;
                }
            }
        }

        problem = value switch
        {
            < 0 => "must be at least 0",
            > TraceLimits.Whole => AtMost(TraceLimits.Whole),
            _ => null,
        };
        return problem is null;
    }

    /// <summary>A number that is long or has an exponent, to more places than are kept; out of range it is merely too large.</summary>
    private static decimal OddMoney(ReadOnlySpan<byte> raw)
    {
        NumberText number = NumberText.Of(raw, new byte[raw.Length]);
        if (number.IsZero)
        {
            return 0;
        }

        if (number.Negative)
        {
            return -1;
        }

        long magnitude = number.Digits.Length + number.Exponent;
        if (magnitude > 10)
        {
            return decimal.MaxValue;
        }

        if (magnitude < -TraceLimits.CostDecimals)
        {
            return 0;
        }

        // What lies beyond 28 digits or decimal places is far below what is rounded to.
        long dropped = Math.Max(0, Math.Max(number.Digits.Length - MoneyDigits, -number.Exponent - MoneyDigits));
        decimal value = 0;
        foreach (byte digit in number.Digits[..^(int)dropped])
        {
            value = (value * 10) + (digit - '0');
        }

        for (long exponent = number.Exponent + dropped; exponent != 0; exponent -= Math.Sign(exponent))
        {
            value = exponent > 0 ? value * 10 : value / 10;
        }

        return value;
    }

    private static bool HoldsControl(ReadOnlySpan<char> text) =>
        text.ContainsAnyInRange('\0', '\u001F') || text.ContainsAnyInRange('\u007F', '\u009F');

    private static bool HoldsNul(ReadOnlySpan<byte> raw)
    {
        var target = new byte[raw.Length];
        int length = JsonText.Unescape(raw, target, keepBroken: true, out _);
        return target.AsSpan(0, length).Contains((byte)0);
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        while (Rune.DecodeFromUtf8(text, out Rune first, out int length) == OperationStatus.Done && Rune.IsWhiteSpace(first))
        {
            text = text[length..];
        }

        while (Rune.DecodeLastFromUtf8(text, out Rune last, out int length) == OperationStatus.Done && Rune.IsWhiteSpace(last))
        {
            text = text[..^length];
        }

        return text;
    }

    private static string AtMost(double limit) => $"must be at most {limit.ToString("0", CultureInfo.InvariantCulture)}";
}
