namespace LlmEval.Core.Search;

/// <summary>Words that stand one after the other; mostly one.</summary>
/// <param name="IsPrefix">The last one is the beginning of a word.</param>
internal sealed record SearchTerm(IReadOnlyList<string> Words, bool IsPrefix);

/// <summary>
/// What somebody types into a search box: <c>words</c> that all have to be there, <c>"a phrase"</c>, <c>-without</c>,
/// <c>begin*</c>.
/// </summary>
internal sealed record SearchQuery(IReadOnlyList<SearchTerm> Wanted, IReadOnlyList<SearchTerm> Unwanted)
{
    private const int MostCharacters = 1_000;
    private const int MostTerms = 32;

    /// <summary>Never throws: what cannot be read is left out.</summary>
    /// <returns>Null when it asks for nothing.</returns>
    public static SearchQuery? Parse(string? text)
    {
        ReadOnlySpan<char> rest = text.AsSpan(0, Math.Min(text?.Length ?? 0, MostCharacters));
        List<SearchTerm> wanted = [];
        List<SearchTerm> unwanted = [];
        while (wanted.Count + unwanted.Count < MostTerms)
        {
            rest = rest.TrimStart();
            if (rest.IsEmpty)
            {
                break;
            }

            bool isUnwanted = rest[0] == '-';
            if (isUnwanted)
            {
                rest = rest[1..];
            }

            (ReadOnlySpan<char> term, bool isPrefix) = TakeTerm(ref rest);
            List<string> words = WordScanner.Read(term);
            if (words.Count > 0)
            {
                (isUnwanted ? unwanted : wanted).Add(new SearchTerm(words, isPrefix));
            }
        }

        return wanted.Count + unwanted.Count == 0 ? null : new SearchQuery(wanted, unwanted);
    }

    private static TermText TakeTerm(ref ReadOnlySpan<char> rest)
    {
        ReadOnlySpan<char> term;
        if (!rest.IsEmpty && IsQuote(rest[0]))
        {
            rest = rest[1..];
            int end = 0;
            while (end < rest.Length && !IsQuote(rest[end]))
            {
                end++;
            }

            term = rest[..end];
            rest = rest[Math.Min(end + 1, rest.Length)..];
            bool starred = !rest.IsEmpty && rest[0] == '*';
            rest = rest[(starred ? 1 : 0)..];
            return new TermText(term, starred);
        }

        int length = 0;
        while (length < rest.Length && !char.IsWhiteSpace(rest[length]) && !IsQuote(rest[length]))
        {
            length++;
        }

        term = rest[..length];
        rest = rest[length..];
        return new TermText(term, term.EndsWith('*'));
    }

    // Phones and word processors turn them round.
    private static bool IsQuote(char c) => c is '"' or '“' or '”' or '„' or '＂';

    private readonly ref struct TermText(ReadOnlySpan<char> text, bool isPrefix)
    {
        private readonly ReadOnlySpan<char> _text = text;

        public void Deconstruct(out ReadOnlySpan<char> text, out bool prefix)
        {
            text = _text;
            prefix = isPrefix;
        }
    }
}
