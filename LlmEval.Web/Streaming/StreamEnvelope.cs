using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmEval.Web.Streaming;

/// <summary>Writes the envelopes of events that only streams have: <c>{"event":…,"data":…,"timestamp":…}</c>.</summary>
internal static class StreamEnvelope
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="writeData">Writes the value of <c>data</c>.</param>
    public static ReadOnlyMemory<byte> Encode<T>(string name, DateTime at, T about, Action<Utf8JsonWriter, T> writeData)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("event"u8, name);
            writer.WritePropertyName("data"u8);
            writeData(writer, about);
            writer.WriteString("timestamp"u8, at);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    public static ReadOnlyMemory<byte> Connected(string clientId, DateTime at) => Encode("connected", at, clientId, static (writer, id) =>
    {
        writer.WriteStartObject();
        writer.WriteString("client_id"u8, id);
        writer.WriteEndObject();
    });

    /// <summary>Says that the stream does not go on where the reader left off.</summary>
    public static ReadOnlyMemory<byte> Reset(string reason, long oldest, long position, DateTime at) =>
        Encode("stream_reset", at, (reason, oldest, position), static (writer, it) =>
        {
            writer.WriteStartObject();
            writer.WriteString("reason"u8, it.reason);
            writer.WriteNumber("oldest_id"u8, it.oldest);
            writer.WriteNumber("continues_after"u8, it.position);
            writer.WriteEndObject();
        });
}
