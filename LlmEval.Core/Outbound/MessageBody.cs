using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmEval.Core.Outbound;

/// <summary>Writes what is sent.</summary>
internal static class MessageBody
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Of(Delivery delivery, BodyFormat format)
    {
        using JsonDocument envelope = JsonDocument.Parse(delivery.Payload);
        var buffer = new ArrayBufferWriter<byte>(delivery.Payload.Length + 64);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            if (format == BodyFormat.Slack)
            {
                writer.WriteString("text"u8, SlackText.Of(delivery.EventName, envelope.RootElement.GetProperty("data"u8)));
            }
            else
            {
                WriteEvent(writer, delivery, envelope.RootElement);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The envelope of a test.</summary>
    public static string Test(DateTime now)
    {
        string at = now.ToString("O", CultureInfo.InvariantCulture);
        return $$$"""{"event":"test","data":{"message":"LlmEval can reach this address."},"timestamp":"{{{at}}}"}""";
    }

    private static void WriteEvent(Utf8JsonWriter writer, Delivery delivery, JsonElement envelope)
    {
        if (delivery.EventId is { } id)
        {
            writer.WriteNumber("id"u8, id);
        }

        writer.WriteString("type"u8, delivery.EventName);
        foreach (JsonProperty member in envelope.EnumerateObject())
        {
            member.WriteTo(writer);
        }
    }
}
