using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace LlmEval.Core.Amending;

/// <summary>RFC 7396 on JSON text: members are merged, null takes one out. Values that nobody touches stay as they were written.</summary>
internal static class MergePatch
{
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 256 };

    // Validation would refuse nothing that was parsed, but it would measure depth anew.
    private static readonly JsonWriterOptions Writing = new() { SkipValidation = true, MaxDepth = 1_024 };

    /// <param name="target">Null when there is nothing yet.</param>
    /// <param name="patch">An object.</param>
    public static byte[] Apply(string? target, string patch)
    {
        using JsonDocument patchDocument = JsonDocument.Parse(patch, Reading);
        using JsonDocument? targetDocument = target is null ? null : JsonDocument.Parse(target, Reading);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            Write(json, targetDocument?.RootElement, patchDocument.RootElement);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, JsonElement? target, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(patch), skipInputValidation: true);
            return;
        }

        var changes = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (JsonProperty change in patch.EnumerateObject())
        {
            changes[change.Name] = change.Value;
        }

        json.WriteStartObject();
        if (target is { ValueKind: JsonValueKind.Object } old)
        {
            foreach (JsonProperty member in old.EnumerateObject())
            {
                if (!changes.Remove(member.Name, out JsonElement change))
                {
                    WriteName(json, member);
                    json.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
                }
                else if (change.ValueKind != JsonValueKind.Null)
                {
                    WriteName(json, member);
                    Write(json, member.Value, change);
                }
            }
        }

        foreach (JsonProperty change in patch.EnumerateObject())
        {
            if (change.Value.ValueKind != JsonValueKind.Null && changes.Remove(change.Name))
            {
                WriteName(json, change);
                Write(json, target: null, change.Value);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>In its own letters: the writer would escape what is not Latin.</summary>
    private static void WriteName(Utf8JsonWriter json, JsonProperty member) =>
        json.WritePropertyName(JsonEncodedText.Encode(Encoding.UTF8.GetBytes(member.Name), System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping));
}
