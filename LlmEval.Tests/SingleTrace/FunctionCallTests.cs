using LlmEval.Web.SingleTrace;

namespace LlmEval.Tests.SingleTrace;

public class FunctionCallTests
{
    [Fact]
    public void ACallIsReadWithWhateverElseItHolds()
    {
        FunctionCall call = Assert.Single(FunctionCall.ReadAll(
            """[{"name":"lookup","parameters":{"order":1,"include":["a"]},"result":{"ok":true},"duration_ms":212.5,"attempt":2}]""")!);

        Assert.Equal(("lookup", """{"order":1,"include":["a"]}""", """{"ok":true}""", null, 212.5), (call.Name, call.Parameters, call.Result, call.Error, call.DurationMs));
        Assert.Equal("order: 1, include: [\"a\"]", call.Brief);
        Assert.Equal([new("attempt", "2")], call.Others);
    }

    [Theory]
    [InlineData("""[{"name":"f","error":"timeout"}]""", "\"timeout\"")]
    [InlineData("""[{"name":"f","error":null}]""", null)]
    [InlineData("""[{"name":"f","error":false}]""", null)]
    public void AnErrorIsOneWhenItSaysSomething(string json, string? error) => Assert.Equal(error, FunctionCall.ReadAll(json)![0].Error);

    [Theory]
    [InlineData("""{"name":"f"}""")]
    [InlineData("[1]")]
    [InlineData("broken")]
    public void WhatIsNoListOfCallsIsLeftAsItIs(string json) => Assert.Null(FunctionCall.ReadAll(json));

    [Fact]
    public void ALongArgumentIsCutInTheHeading()
    {
        FunctionCall call = FunctionCall.ReadAll("""[{"name":"f","parameters":{"a":"LONG\n"}}]""".Replace("LONG", new string('x', 10_000)))![0];

        Assert.InRange(call.Brief.Length, 100, 130);
        Assert.EndsWith("…", call.Brief);
    }
}
