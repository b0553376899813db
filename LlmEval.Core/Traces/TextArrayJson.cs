using System.Text.Json;

namespace LlmEval.Core.Traces;

/// <summary>Writes tags, and whatever else is a list of texts.</summary>
public static class TextArrayJson
{
    /// <summary>Writes an array of strings; null when there is none.</summary>
    public static void WriteTexts(this Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string>? texts)
    {
        if (texts is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
