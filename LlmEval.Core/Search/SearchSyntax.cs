namespace LlmEval.Core.Search;

/// <summary>What a text asks for as a search.</summary>
public static class SearchSyntax
{
    /// <summary>Whether there is anything to search for: a text of signs alone would find everything.</summary>
    public static bool HasWords(string text) => SearchQuery.Parse(text) is not null;
}
