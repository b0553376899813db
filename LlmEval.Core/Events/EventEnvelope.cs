using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmEval.Core.Events;

/// <summary>Writes what an event's payload is: <c>{"event":…,"data":…,"timestamp":…}</c>, one line.</summary>
internal static class EventEnvelope
{
    // Text keeps its own letters instead of \u escapes: frames of non-Latin text would be three times as long.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Bounded by the largest payload: previews and ids have limits.
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? _scratch;

    /// <param name="writeData">Writes the members of <c>data</c>; it has no other envelope written meanwhile.</param>
    public static byte[] Write<T>(ReadOnlySpan<byte> channel, DateTime at, T about, Action<Utf8JsonWriter, T> writeData)
    {
        if (_scratch is not { } scratch)
        {
            var buffer = new ArrayBufferWriter<byte>(1_024);
            _scratch = scratch = (buffer, new Utf8JsonWriter(buffer, Options));
        }

        scratch.Buffer.ResetWrittenCount();
        scratch.Writer.Reset();
        scratch.Writer.WriteStartObject();
        scratch.Writer.WriteString("event"u8, channel);
        scratch.Writer.WriteStartObject("data"u8);
        writeData(scratch.Writer, about);
        scratch.Writer.WriteEndObject();
        scratch.Writer.WriteString("timestamp"u8, at);
        scratch.Writer.WriteEndObject();
        scratch.Writer.Flush();
        return scratch.Buffer.WrittenSpan.ToArray();
    }
}
