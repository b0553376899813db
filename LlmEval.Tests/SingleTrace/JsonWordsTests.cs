using LlmEval.Web.SingleTrace;

namespace LlmEval.Tests.SingleTrace;

public class JsonWordsTests
{
    [Fact]
    public void JsonIsLaidOutOverLines() => Assert.Equal(
        """
        {
          "a": 1e999999,
          "b": [
            "é \"q\"",
            null
          ],
          "c": {},
          "d": []
        }
        """,
        Text("""{"a":1e999999,"b":["\u00e9 \"q\"",null],"c":{},"d":[]}"""),
        ignoreLineEndingDifferences: true);

    [Theory]
    [InlineData("\"a\"", JsonWord.Text)]
    [InlineData("1.50", JsonWord.Number)]
    [InlineData("true", JsonWord.Literal)]
    [InlineData("not json", JsonWord.Text)]
    [InlineData("\"half \\ud83d\"", JsonWord.Text)]
    public void AValueIsOneWord(string json, JsonWord kind) => Assert.Equal([(kind, json)], JsonWords.Of(json));

    [Theory]
    [InlineData("""{"type":"RateLimit","message":"429 too\nmany"}""", "type: RateLimit, message: 429 too many")]
    [InlineData("\"Timeout\"", "Timeout")]
    [InlineData("no\nJSON", "no JSON")]
    public void AnErrorIsOneLine(string json, string line) => Assert.Equal(line, JsonWords.Brief(json));

    [Fact]
    public void DeepNestingIsNoFault()
    {
        string deep = new string('[', 900) + new string(']', 900);
        Assert.Equal(deep, Text(deep).ReplaceLineEndings("").Replace(" ", ""));
        string deeper = new string('[', 5_000) + new string(']', 5_000);
        Assert.Equal(deeper, Text(deeper));
    }

    [Theory]
    [InlineData("\"line\\nnext\"", "line\nnext")]
    [InlineData("{}", null)]
    [InlineData("\"half \\ud83d\"", null)]
    public void AStringIsReadAsItsCharacters(string json, string? text) => Assert.Equal(text, JsonWords.AsText(json));

    [Fact]
    public void MembersTellSimpleValuesFromOthers() => Assert.Equal(
        [("a", "x", true), ("b", "1.50", true), ("c", "[1]", false), ("d", "null", false)],
        JsonWords.Members("""{"a":"x","b":1.50,"c":[1],"d":null}""")!);

    private static string Text(string json) => string.Concat(JsonWords.Of(json).Select(word => word.Text));
}
