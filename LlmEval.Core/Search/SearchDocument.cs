using System.Text;
using System.Text.Json;

namespace LlmEval.Core.Search;

/// <summary>
/// The words of a trace as both databases index them. PostgreSQL keeps 16,383 places and 256 occurrences of a word in at most
/// 1 MB; the limits below keep within that, so that nothing is cut by one database and not by the other. Past them a word is
/// still found, but not as part of a phrase.
/// </summary>
internal sealed class SearchDocument
{
    public const int MostCharacters = 100_000;

    /// <summary>Leaves two free places before <see cref="Tail"/>, which no phrase can bridge.</summary>
    private const int MostPlaces = 16_380;

    private const int Tail = 16_383;
    private const int MostOccurrences = 255;
    private const int MostBytes = 900_000;

    /// <summary>About what PostgreSQL adds to a word.</summary>
    private const int BytesPerWord = 6;

    private readonly List<string?> _places = [];
    private readonly List<string> _tail = [];
    private readonly Dictionary<string, int> _occurrences = new(StringComparer.Ordinal);
    private int _bytes;

    /// <summary>The words in order; null is a place without one.</summary>
    public IReadOnlyList<string?> Places => _places;

    /// <summary>The words that have no place.</summary>
    public IReadOnlyList<string> WithoutPlace => _tail;

    public static SearchDocument Of(params ReadOnlySpan<string?> texts)
    {
        var document = new SearchDocument();
        foreach (string? text in texts)
        {
            if (text is not null)
            {
                document.Add(text);
            }
        }

        return document;
    }

    /// <summary>The words in a JSON value: its strings, names and numbers.</summary>
    public static string? TextOf(string? json)
    {
        if (json is null)
        {
            return null;
        }

        var text = new StringBuilder();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json), new JsonReaderOptions { MaxDepth = 1_000 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    text.Append(reader.GetString()).Append('\n');
                }
                else if (reader.TokenType == JsonTokenType.Number)
                {
                    text.Append(Encoding.UTF8.GetString(reader.ValueSpan)).Append('\n');
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return json;
        }

        return text.ToString();
    }

    /// <summary>As PostgreSQL writes a tsvector. Words are letters and digits, so nothing needs escaping.</summary>
    public string ToTsVector()
    {
        var places = new Dictionary<string, StringBuilder>(_occurrences.Count, StringComparer.Ordinal);
        for (int i = 0; i < _places.Count; i++)
        {
            if (_places[i] is { } word)
            {
                if (!places.TryGetValue(word, out StringBuilder? list))
                {
                    places.Add(word, list = new StringBuilder());
                }

                list.Append(list.Length == 0 ? "" : ",").Append(i + 1);
            }
        }

        var text = new StringBuilder();
        foreach ((string word, StringBuilder list) in places)
        {
            text.Append('\'').Append(word).Append("':").Append(list).Append(' ');
        }

        foreach (string word in _tail)
        {
            text.Append('\'').Append(word).Append("':").Append(Tail).Append(' ');
        }

        return text.ToString();
    }

    private void Add(string text)
    {
        if (_places.Count is > 0 and < MostPlaces)
        {
            // No phrase goes from one text into the next.
            _places.Add(null);
        }

        foreach (string word in WordScanner.Read(text.AsSpan(0, Math.Min(text.Length, MostCharacters))))
        {
            Add(word, isPlaceFree: _places.Count < MostPlaces);
        }
    }

    private void Add(string word, bool isPlaceFree)
    {
        if (_occurrences.TryGetValue(word, out int before))
        {
            if (isPlaceFree)
            {
                _places.Add(before < MostOccurrences ? word : null);
                _occurrences[word] = before + 1;
            }

            return;
        }

        int bytes = Encoding.UTF8.GetByteCount(word) + BytesPerWord;
        if (_bytes + bytes > MostBytes)
        {
            return;
        }

        _bytes += bytes;
        _occurrences.Add(word, 1);
        if (isPlaceFree)
        {
            _places.Add(word);
        }
        else
        {
            _tail.Add(word);
        }
    }
}
