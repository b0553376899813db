namespace LlmEval.Web.Traces;

/// <summary>The words of a search, to be marked in what it found: whole words, as the search finds them.</summary>
public static class SearchMarks
{
    private const char Prefix = '*';

    /// <summary>What a text has to show: quoted phrases as one, beginnings of words with their asterisk, without what the search leaves out.</summary>
    public static IReadOnlyList<string> Words(string? search)
    {
        List<string> words = [];
        string[] parts = (search ?? "").Split('"');
        for (int i = 0; i < parts.Length; i++)
        {
            bool quoted = i % 2 == 1;
            if (quoted && !parts[i - 1].EndsWith('-'))
            {
                words.Add(parts[i].Trim());
            }
            else if (!quoted)
            {
                words.AddRange(parts[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(w => w[0] != '-'));
            }
        }

        return [.. words.Where(w => w.Trim(Prefix).Length > 0)];
    }

    /// <summary>The text in pieces, those that are hits told apart.</summary>
    public static IEnumerable<(string Text, bool Hit)> Split(string text, IReadOnlyList<string> words)
    {
        int at = 0;
        while (at < text.Length)
        {
            (int start, int length) = Next(text, words, at);
            if (start > at)
            {
                yield return (text[at..start], false);
            }

            if (length > 0)
            {
                yield return (text.Substring(start, length), true);
            }

            at = start + length;
        }
    }

    private static (int Start, int Length) Next(string text, IReadOnlyList<string> words, int from)
    {
        (int Start, int Length) best = (text.Length, 0);
        foreach (string word in words)
        {
            string sought = word.TrimEnd(Prefix);
            int found = IndexOf(text, sought, word.EndsWith(Prefix), from);
            if (found >= 0 && (found < best.Start || (found == best.Start && sought.Length > best.Length)))
            {
                best = (found, sought.Length);
            }
        }

        return best;
    }

    private static int IndexOf(string text, string sought, bool isPrefix, int from)
    {
        int found = text.IndexOf(sought, from, StringComparison.OrdinalIgnoreCase);
        while (found >= 0 && !(IsEdge(text, found) && (isPrefix || IsEdge(text, found + sought.Length))))
        {
            found = text.IndexOf(sought, found + 1, StringComparison.OrdinalIgnoreCase);
        }

        return found;
    }

    /// <summary>Whether no word goes on across this place.</summary>
    private static bool IsEdge(string text, int at) => at == 0 || at == text.Length || !IsOfWord(text[at - 1]) || !IsOfWord(text[at]);

    private static bool IsOfWord(char c) => char.IsLetterOrDigit(c) || c == '_';
}
