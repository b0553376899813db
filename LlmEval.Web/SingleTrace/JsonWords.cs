using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmEval.Web.SingleTrace;

/// <summary>What a piece of JSON is, which gives it its colour.</summary>
public enum JsonWord : byte
{
    /// <summary>Brackets, commas, line breaks.</summary>
    Frame,
    Name,
    Text,
    Number,
    Literal,
}

/// <summary>JSON for people: over several lines, and cut into words that have a colour each.</summary>
public static class JsonWords
{
    /// <summary>So many members of an object are shown each by itself: a caller may send a hundred thousand, and each is a part of the page.</summary>
    public const int MostMembers = 50;

    private const int MostBrief = 120;

    private static readonly JsonReaderOptions Deep = new() { MaxDepth = 1_000 };

    /// <summary>The value laid out over several lines; text that is no JSON is one word.</summary>
    public static IReadOnlyList<(JsonWord Kind, string Text)> Of(string json)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        var words = new List<(JsonWord, string)>();
        try
        {
            var reader = new Utf8JsonReader(utf8, Deep);
            bool first = true;
            bool afterName = false;
            while (reader.Read())
            {
                bool closes = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
                if (words.Count > 0 && !afterName && !(closes && first))
                {
                    string comma = first || closes ? "" : ",";
                    words.Add((JsonWord.Frame, $"{comma}\n{new string(' ', 2 * reader.CurrentDepth)}"));
                }

                afterName = reader.TokenType == JsonTokenType.PropertyName;
                first = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
                words.Add((KindOf(reader.TokenType), TextOf(ref reader)));
                if (afterName)
                {
                    words.Add((JsonWord.Frame, ": "));
                }
            }

            return words;
        }
        catch (JsonException)
        {
            return [(JsonWord.Text, json)];
        }
    }

    /// <summary>A string's characters, anything else as it is written.</summary>
    public static string Plain(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            return value.GetRawText();
        }
    }

    /// <summary>The characters of a JSON string; null for any other JSON.</summary>
    public static string? AsText(string json)
    {
        if (!json.AsSpan().TrimStart().StartsWith("\""))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<string>(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The members of an object; simple ones as <see cref="Plain"/> writes them, others as JSON.</summary>
    /// <param name="most">So many of them, from the first on.</param>
    /// <returns>Null when it is no object.</returns>
    public static IReadOnlyList<(string Name, string Value, bool Simple)>? Members(string json, int most = int.MaxValue)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = Deep.MaxDepth });
            return [.. document.RootElement.EnumerateObject().Take(most).Select(m => Simple(m.Value) ? (m.Name, Plain(m.Value), true) : (m.Name, m.Value.GetRawText(), false))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static bool Simple(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;

    /// <summary>The members of an object in one line, cut off where it gets long.</summary>
    public static string OneLine(JsonElement value)
    {
        var line = new StringBuilder();
        if (value.ValueKind != JsonValueKind.Object)
        {
            line.Append(Plain(value));
        }
        else
        {
            foreach (JsonProperty member in value.EnumerateObject())
            {
                line.Append(line.Length == 0 ? "" : ", ").Append(member.Name).Append(": ").Append(Cut(Plain(member.Value)));
                if (line.Length > MostBrief)
                {
                    break;
                }
            }
        }

        return Cut(line.Replace('\n', ' ').ToString());
    }

    /// <summary>Any JSON in one line, as <see cref="OneLine"/> writes it; what is none is cut as it is.</summary>
    public static string Brief(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = Deep.MaxDepth });
            return OneLine(document.RootElement);
        }
        catch (JsonException)
        {
            return Cut(json.ReplaceLineEndings(" "));
        }
    }

    private static string Cut(string text) =>
        text.Length <= MostBrief ? text : text[..(char.IsHighSurrogate(text[MostBrief - 1]) ? MostBrief - 1 : MostBrief)] + "…";

    private static JsonWord KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.PropertyName => JsonWord.Name,
        JsonTokenType.String => JsonWord.Text,
        JsonTokenType.Number => JsonWord.Number,
        JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null => JsonWord.Literal,
        _ => JsonWord.Frame,
    };

    private static string TextOf(ref Utf8JsonReader reader)
    {
        string raw = Encoding.UTF8.GetString(reader.ValueSpan);
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            return raw;
        }

        try
        {
            // \u00e9 becomes the letter that it stands for; what has to be escaped stays so.
            return $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(reader.GetString()!)}\"";
        }
        catch (InvalidOperationException)
        {
            return $"\"{raw}\"";
        }
    }
}
