using System.Text;

namespace LlmEval.Bench.Mutations;

/// <summary>What stands where something sensible was expected. Not all of it is JSON, and not all of it is UTF-8.</summary>
internal static class OddValues
{
    private static readonly string[] Numbers =
    [
        "0", "-0", "-1", "1e400", "-1e400", "1e-400", "1E+999999999", "1e999999", "NaN", "Infinity", "-Infinity", "00", "01", "1.", ".5", "+1", "0x10",
        "99999999999999999999999", "-9223372036854775809", "9223372036854775808", "1000000000001", "1000000000.000000000001", "0.0000000000001",
        "79228162514264337593543950336", "1e12", "1.0e0", "4.9E-324", "2147483648",
    ];

    private static readonly string[] Words =
    [
        "null", "true", "false", "[]", "{}", "\"\"", "[null]", "{\"\":null}", "[[]]", "{\"a\":1,\"a\":2}", "nul", "True", "'single'", "undefined", "/* */1",
        "[1,]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "[1 2]", "\"unended", "\"\\u12\"", "\"\\x\"", "\"\u0001\"", "\"line\nbreak\"", "\"\t\"",
    ];

    private static readonly string[] Texts =
    [
        @"\u0000", @"a\u0000b", @"\ud83d", @"\ude00\ud83d", @"\ud83d\ude00", @"\uFFFE\uFFFF", "../../etc/passwd", "'; DROP TABLE traces; --", "<script>alert(1)</script>",
        @"\""\\\/\b\f\n\r\t", "\u202Eright to left", "e\u0301\u0301\u0301", "\U0001F469\u200D\U0001F4BB", " ", @"\u00a0", "null", "0", "2025-02-30T00:00:00Z",
        "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00Z", "2025-01-27T12:00:00+99:99", "2025-01-27T24:00:00Z", "1969-12-31T23:59:59Z", "accepted", "in_review",
    ];

    private static readonly byte[][] BrokenUtf8 =
    [
        [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF], [0xFE, 0xFF], [0x80], [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
    ];

    public static byte[] Any(Random random) => random.Next(8) switch
    {
        0 or 1 => Ascii(Pick(random, Numbers)),
        2 or 3 => Ascii(Pick(random, Words)),
        4 or 5 => Utf8($"\"{Pick(random, Texts)}\""),
        6 => [(byte)'"', .. Pick(random, BrokenUtf8), (byte)'"'],
        _ => Big(random),
    };

    private static byte[] Big(Random random) => random.Next(6) switch
    {
        0 => Utf8(new string('9', random.Next(20, 20_000))),
        1 => Utf8($"0.{new string('0', random.Next(10, 20_000))}1"),
        2 => Utf8($"\"{new string('x', random.Next(10) == 0 ? (1 << 20) + 1 : random.Next(250, 70_000))}\""),
        3 => Nested(random, '[', ']', "1"),
        4 => Nested(random, "{\"a\":", "}", "1"),
        _ => Utf8($"[{string.Join(',', Enumerable.Repeat("\"t\"", random.Next(60, 5_000)))}]"),
    };

    private static byte[] Nested(Random random, object open, object close, string inner)
    {
        int depth = random.Next(3) switch { 0 => random.Next(60, 70), 1 => random.Next(990, 1_100), _ => random.Next(2_000, 50_000) };
        var text = new StringBuilder();
        text.Insert(0, open.ToString(), depth).Append(inner);

        // Some are never closed.
        return Utf8(random.Next(4) == 0 ? text.ToString() : text.Append(new StringBuilder().Insert(0, close.ToString(), depth)).ToString());
    }

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
