using System.Buffers.Text;
using System.Text;

namespace LlmEval.Bench.Load;

/// <summary>
/// Ids of generated traces: <c>{16 hex}-{16 hex}</c>. The first half is unique and looks random, so that an index meets them in
/// no order; the second is the moment the trace was to be sent, which whoever reads its event can subtract from now.
/// </summary>
internal static class TraceId
{
    public const int Length = 33;

    private static ReadOnlySpan<byte> Digits => "0123456789abcdef"u8;

    public static void Write(Span<byte> target, ulong run, ulong number, long sentAt)
    {
        WriteHex(target, Mix(run + (number * 0x9E3779B97F4A7C15)));
        target[16] = (byte)'-';
        WriteHex(target[17..], (ulong)sentAt);
    }

    /// <summary>Finds the moment in an event's payload.</summary>
    public static bool TryReadSentAt(ReadOnlySpan<byte> payload, out long sentAt)
    {
        sentAt = 0;
        int at = payload.IndexOf("\"trace_id\":\""u8);
        return at >= 0
            && payload.Length >= at + 12 + Length
            && payload[at + 12 + 16] == (byte)'-'
            && Utf8Parser.TryParse(payload.Slice(at + 12 + 17, 16), out sentAt, out int read, 'x')
            && read == 16;
    }

    public static string Text(ReadOnlySpan<byte> id) => Encoding.ASCII.GetString(id);

    private static void WriteHex(Span<byte> target, ulong value)
    {
        for (int i = 15; i >= 0; i--)
        {
            target[i] = Digits[(int)(value & 15)];
            value >>= 4;
        }
    }

    // SplitMix64's last step: a bijection, so different numbers give different ids.
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
