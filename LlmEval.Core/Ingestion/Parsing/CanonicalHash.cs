using System.Buffers.Binary;
using System.IO.Hashing;

namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>
/// Hashes JSON by what it means: member order, whitespace, escapes and the spelling of numbers make no difference. The hashes
/// are stored with every trace and compared with those of retries: never change what they are made of.
/// </summary>
internal static class CanonicalHash
{
    private enum Kind : long
    {
        Text = 1,
        Number = 2,
        OddNumber = 3,
        Literal = 4,
        ArrayItem = 5,
        Member = 6,
        Object = 7,
        Typed = 8,
    }

    public static readonly UInt128 Null = Combine(0, 0, Kind.Literal);
    public static readonly UInt128 False = Combine(1, 0, Kind.Literal);
    public static readonly UInt128 True = Combine(2, 0, Kind.Literal);
    public static readonly UInt128 EmptyArray = Combine(3, 0, Kind.Literal);

    /// <param name="utf8">Without escapes.</param>
    public static UInt128 Text(ReadOnlySpan<byte> utf8) => XxHash128.HashToUInt128(utf8, (long)Kind.Text);

    public static UInt128 Number(ReadOnlySpan<byte> json, Span<byte> scratch)
    {
        NumberText number = NumberText.Of(json, scratch);
        return number.Exact
            ? Combine(
                XxHash128.HashToUInt128(number.Digits, (long)Kind.Number),
                new UInt128(number.Negative ? 1u : 0u, (ulong)number.Exponent),
                Kind.Number)
            : XxHash128.HashToUInt128(json, (long)Kind.OddNumber);
    }

    /// <summary>A value that was understood: a time, an amount.</summary>
    public static UInt128 Typed(Int128 value) => Combine((UInt128)value, 0, Kind.Typed);

    public static UInt128 Append(UInt128 array, UInt128 item) => Combine(array, item, Kind.ArrayItem);

    public static UInt128 Member(UInt128 name, UInt128 value) => Combine(name, value, Kind.Member);

    /// <param name="members">The sum of the members, which is the same in any order.</param>
    public static UInt128 Object(UInt128 members, int count) => Combine(members, (UInt128)count, Kind.Object);

    public static byte[] ToBytes(UInt128 hash)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash);
        return bytes;
    }

    private static UInt128 Combine(UInt128 first, UInt128 second, Kind kind)
    {
        Span<byte> bytes = stackalloc byte[32];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, first);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[16..], second);
        return XxHash128.HashToUInt128(bytes, (long)kind);
    }
}
