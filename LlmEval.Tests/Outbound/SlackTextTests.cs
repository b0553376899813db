using System.Text.Json;
using LlmEval.Core.Outbound;

namespace LlmEval.Tests.Outbound;

public class SlackTextTests
{
    [Fact]
    public void AVerdictIsSaidInALine() => Assert.Equal(
        "*rejected* `t-1` (gpt-4) by Ann: made up",
        Text("evaluation_updates", """{"trace_id":"t-1","status":"rejected","model_name":"gpt-4","evaluator":"Ann","reason":"made up"}"""));

    [Fact]
    public void ANewTraceQuotesItsQuestion() => Assert.Equal(
        "New trace `t-1` (gpt-4)\n> What is AI?",
        Text("new_trace", """{"trace_id":"t-1","model_name":"gpt-4","summary":{"user_query":"What is AI?"}}"""));

    [Theory]
    [InlineData("""{"message":"Error rate above 5 %","x":1}""", "Error rate above 5 %")]
    [InlineData("""{"x":1}""", """{"x":1}""")]
    public void AnAlertSaysItsMessage(string data, string text) => Assert.Equal(text, Text("system_updates", data));

    [Fact]
    public void TextOfATraceCallsNobody()
    {
        string text = Text("new_trace", """{"trace_id":"<!channel>","model_name":"&lt;","summary":{"user_query":"<@U1>\n<http://evil|click>"}}""");

        Assert.Equal("New trace `&lt;!channel&gt;` (&amp;lt;)\n> &lt;@U1&gt; &lt;http://evil|click&gt;", text);
    }

    [Fact]
    public void ALongTextIsCut() =>
        Assert.InRange(Text("system_updates", JsonSerializer.Serialize(new { message = new string('x', 100_000) })).Length, 500, 700);

    private static string Text(string name, string data) => SlackText.Of(name, JsonElement.Parse(data));
}
