namespace LlmEval.Web.Traces;

/// <summary>The words of a search, to be marked in what it found.</summary>
public static class SearchMarks
{
    /// <summary>What a text has to show: quoted phrases as one, without what the search leaves out.</summary>
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
                words.AddRange(parts[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(w => w[0] != '-').Select(w => w.TrimEnd('*')));
            }
        }

        return [.. words.Where(w => w.Length > 0)];
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
            int found = text.IndexOf(word, from, StringComparison.OrdinalIgnoreCase);
            if (found >= 0 && (found < best.Start || (found == best.Start && word.Length > best.Length)))
            {
                best = (found, word.Length);
            }
        }

        return best;
    }
}
