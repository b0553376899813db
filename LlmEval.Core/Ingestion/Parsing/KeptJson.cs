using System.Text;
using System.Text.Json;

namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>
/// JSON that is stored as it was sent, byte for byte, except for escapes that a database refuses. Names of an object that only
/// differed in these get a number, so that what is stored can be read under the rules by which it came.
/// </summary>
internal static class KeptJson
{
    public static string ToText(ReadOnlySpan<byte> json)
    {
        int broken = JsonText.IndexOfBrokenEscape(json, 0);
        if (broken < 0)
        {
            return Encoding.UTF8.GetString(json);
        }

        byte[] mended = json.ToArray();
        while (broken >= 0)
        {
            "\\ufffd"u8.CopyTo(mended.AsSpan(broken));
            broken = JsonText.IndexOfBrokenEscape(mended, broken);
        }

        return WithDistinctNames(mended);
    }

    /// <summary>Makes a name one that is not taken yet.</summary>
    /// <returns>What has to be added to it.</returns>
    public static string Take(string name, HashSet<string> taken)
    {
        string suffix = "";
        for (int number = 2; !taken.Add(name + suffix); number++)
        {
            suffix = $"_{number}";
        }

        return suffix;
    }

    private static string WithDistinctNames(ReadOnlySpan<byte> json)
    {
        var text = new StringBuilder();
        var objects = new Stack<HashSet<string>>();
        int copied = 0;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = BodyReader.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                objects.Push(new HashSet<string>(StringComparer.Ordinal));
            }
            else if (reader.TokenType == JsonTokenType.EndObject)
            {
                objects.Pop();
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && Take(JsonText.ToText(reader.ValueSpan), objects.Peek()) is { Length: > 0 } suffix)
            {
                int nameEnd = (int)reader.TokenStartIndex + 1 + reader.ValueSpan.Length;
                text.Append(Encoding.UTF8.GetString(json[copied..nameEnd])).Append(suffix);
                copied = nameEnd;
            }
        }

        return text.Append(Encoding.UTF8.GetString(json[copied..])).ToString();
    }
}
