using LlmEval.Core.Search;

namespace LlmEval.Tests.Search;

public class SearchQueryTests
{
    [Theory]
    [InlineData("two words", "two|words", "")]
    [InlineData("\"a phrase\" -not more*", "a phrase|more*", "not")]
    [InlineData("“curly quotes” -\"not this\"", "curly quotes", "not this")]
    [InlineData("don't 東京", "don t|東 京", "")]
    [InlineData("\"never closed", "never closed", "")]
    [InlineData("\"begin of a phra\"* x", "begin of a phra*|x", "")]
    [InlineData("a\"b c\"d", "a|b c|d", "")]
    [InlineData("- -- -- x", "x", "")]
    [InlineData("-gone", "", "gone")]
    [InlineData("it's & | ! ( ) : ' \\ <->", "it s", "")]
    [InlineData("AND OR NOT NEAR", "and|or|not|near", "")]
    public void ReadsWhatIsTyped(string text, string wanted, string unwanted)
    {
        SearchQuery query = SearchQuery.Parse(text)!;

        Assert.Equal(wanted, Show(query.Wanted));
        Assert.Equal(unwanted, Show(query.Unwanted));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("!!! -* \"\" \" ... ")]
    public void NothingAsksForNothing(string? text) => Assert.Null(SearchQuery.Parse(text));

    [Fact]
    public void NeverThrows()
    {
        var random = new Random(5);
        const string letters = "ab \"-*'\\():&|!<>\0\ud83d\udc4d\ufffe東é“”%_";
        for (int i = 0; i < 20_000; i++)
        {
            SearchQuery.Parse(string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => letters[random.Next(letters.Length)])));
        }

        Assert.NotNull(SearchQuery.Parse(new string('a', 1_000_000)));
        Assert.True(SearchQuery.Parse(string.Join(' ', Enumerable.Range(0, 1_000)))!.Wanted.Count < 100);
    }

    private static string Show(IReadOnlyList<SearchTerm> terms) =>
        string.Join('|', terms.Select(term => string.Join(' ', term.Words) + (term.IsPrefix ? "*" : "")));
}
