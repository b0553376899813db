using System.Text;
using System.Text.Json;

namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>
/// Fields that a trace may carry in its metadata as well, where many libraries put them. What does not fit there is no fault: it
/// is simply metadata.
/// </summary>
internal struct MetadataFields
{
    public string? SessionId { get; private set; }
    public string? UserId { get; private set; }
    public string? Environment { get; private set; }
    public string? ParentId { get; private set; }
    public string[]? Tags { get; private set; }

    /// <summary>Looks at the value under the reader, which it leaves there.</summary>
    public void Take(TraceField field, scoped in BodyReader body)
    {
        if (body.Token != JsonTokenType.String)
        {
            return;
        }

        switch (field)
        {
            case TraceField.SessionId:
                SessionId = Fitting(body.Text());
                break;
            case TraceField.UserId:
                UserId = Fitting(body.Text());
                break;
            case TraceField.Environment:
                Environment = Fitting(body.Text());
                break;
            case TraceField.ParentId:
                ParentId = Fitting(body.Text());
                break;
        }
    }

    /// <param name="json">Any valid JSON value.</param>
    public void TakeTags(ReadOnlySpan<byte> json)
    {
        if (json[0] != '[')
        {
            return;
        }

        var tags = new List<string>();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.String && tags.Count < TraceLimits.Tags)
        {
            string tag = JsonText.ToText(reader.ValueSpan);
            if (tag.Length > TraceLimits.NameCharacters
                && JsonText.CountCharacters(Encoding.UTF8.GetBytes(tag)) > TraceLimits.NameCharacters)
            {
                return;
            }

            tags.Add(tag);
        }

        Tags = reader.TokenType == JsonTokenType.EndArray ? [.. tags] : null;
    }

    private static string? Fitting(ReadOnlySpan<byte> text) =>
        text.Length <= TraceLimits.NameCharacters || JsonText.CountCharacters(text) <= TraceLimits.NameCharacters
            ? Encoding.UTF8.GetString(text)
            : null;
}
