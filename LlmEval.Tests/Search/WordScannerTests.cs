using LlmEval.Core.Search;

namespace LlmEval.Tests.Search;

public class WordScannerTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("Hello, World!", "hello world")]
    [InlineData("don't stop-me_now", "don t stop me now")]
    [InlineData("GPT-4o costs $0.25", "gpt 4o costs 0 25")]
    [InlineData("Crème BRÛLÉE, naïve", "creme brulee naive")]
    [InlineData("cre\u0300me", "creme")]
    [InlineData("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ σισυφοσ")]
    [InlineData("İstanbul Straße", "istanbul straße")]
    [InlineData("ﬁne Ｆｕｌｌ x²", "fine full x2")]
    [InlineData("東京タワー", "東 京 タ ワ ー")]
    [InlineData("東京tower2号", "東 京 tower2 号")]
    [InlineData("한국어 검색", "한 국 어 검 색")]
    [InlineData("हिन्दी में", "हिन्दी में")]
    [InlineData("co\u00ADoperate", "cooperate")]
    [InlineData("😀 smile 𝒳yz", "smile xyz")]
    [InlineData("a\ud83db\0c", "a b c")]
    [InlineData("a\uFFFEb\uFFFFc", "a b c")]
    public void CutsTextIntoWords(string text, string words) => Assert.Equal(words, string.Join(' ', WordScanner.Read(text)));

    [Fact]
    public void CutsAVeryLongWordShort()
    {
        Assert.Equal([new string('x', WordScanner.MostLetters), "y"], WordScanner.Read(new string('x', 10_000) + " y"));
        Assert.Equal(WordScanner.Read("a" + string.Concat(Enumerable.Repeat("𐐨", 100))), WordScanner.Read("a" + string.Concat(Enumerable.Repeat("𐐨", 90))));
    }
}
