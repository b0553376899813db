using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LlmEval.Core.Storage;

/// <summary>Marks text columns that hold JSON exactly as it was sent.</summary>
/// <remarks>
/// On PostgreSQL these are <c>json</c>, not <c>jsonb</c>: that one parses numbers into a type with limits, so that a
/// <c>1e999999</c> in somebody's metadata would fail the whole commit.
/// </remarks>
public static class JsonText
{
    /// <summary>The name under which SQLite calls <see cref="Member"/>.</summary>
    internal const string SqliteMember = "json_member";

    private const string Annotation = "LlmEval:JsonText";
    private const int MaxDepth = 1_000;

    public static PropertyBuilder<string?> IsJsonText(this PropertyBuilder<string?> property)
    {
        property.Metadata.SetAnnotation(Annotation, true);
        return property;
    }

    /// <summary>
    /// The text of a top-level member: a string's characters, any other value as it is written, null when there is none. In
    /// queries the database does it: PostgreSQL by a function of its own, SQLite by calling this one.
    /// </summary>
    public static string? Member(string? json, string name)
    {
        if (json is null)
        {
            return null;
        }

        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        string? found = null;
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool wanted = reader.ValueTextEquals(name);
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                JsonTokenType type = reader.TokenType;
                string? text = wanted && type == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
                if (wanted)
                {
                    found = type switch
                    {
                        JsonTokenType.String => text,
                        JsonTokenType.Null => null,
                        _ => Encoding.UTF8.GetString(utf8.AsSpan(start..(int)reader.BytesConsumed)),
                    };
                }
            }

            return found;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Text that is no JSON has no members; one odd row must not fail a whole query.
            return null;
        }
    }

    /// <summary>Takes the mark off and tells whether it was there.</summary>
    internal static bool TakeMark(IMutableProperty property) => property.RemoveAnnotation(Annotation) is not null;
}
