using LlmEval.Web.Traces;

namespace LlmEval.Tests.Traces;

public class TraceCsvTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("\n=1", "\"'\n=1\"")]
    [InlineData("\uFF1D1", "'\uFF1D1")]
    [InlineData("\uFEFF\u200B =1", "'\uFEFF\u200B =1")]
    [InlineData("\u000B\u001F=1", "'\u000B\u001F=1")]
    [InlineData("a;=1", "\"a;=1\"")]
    [InlineData("-1.5", "-1.5")]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    public void ACellThatASpreadsheetWouldRunIsDefused(string value, string cell) => Assert.Equal(cell, TraceCsv.Cell(value));
}
