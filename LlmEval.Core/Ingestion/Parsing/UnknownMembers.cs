using System.Text;
using System.Text.Json;

namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>
/// The members of a trace that nobody knows. They join the metadata, under another name when theirs is taken there: nothing that
/// a caller sends is dropped.
/// </summary>
internal struct UnknownMembers
{
    private List<(Range Name, Range Value)>? _members;

    public readonly bool Any => _members is not null;

    /// <param name="name">Of the body, with the quotes.</param>
    public void Add(Range name, Range value) => (_members ??= []).Add((name, value));

    /// <summary>The metadata with these members behind its own.</summary>
    /// <param name="metadata">Of the body; null when there was none.</param>
    public readonly string JoinTo(scoped in BodyReader body, Range? metadata)
    {
        var text = new StringBuilder();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        if (metadata is { } own)
        {
            string kept = KeptJson.ToText(body.Slice(own));
            text.Append(kept.AsSpan(0, kept.Length - 1));
            AddNames(Encoding.UTF8.GetBytes(kept), taken);
        }
        else
        {
            text.Append('{');
        }

        foreach ((Range name, Range value) in _members!)
        {
            text.Append(taken.Count > 0 ? "," : "");
            string quoted = KeptJson.ToText(body.Slice(name));
            text.Append(quoted.AsSpan(0, quoted.Length - 1)).Append(KeptJson.Take(JsonText.ToText(body.Slice(name)[1..^1]), taken)).Append("\":");
            text.Append(KeptJson.ToText(body.Slice(value)));
        }

        return text.Append('}').ToString();
    }

    private static void AddNames(ReadOnlySpan<byte> metadata, HashSet<string> names)
    {
        var json = new Utf8JsonReader(metadata, new JsonReaderOptions { MaxDepth = TraceLimits.Depth });
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            names.Add(JsonText.ToText(json.ValueSpan));
            json.Read();
            json.Skip();
        }
    }
}
