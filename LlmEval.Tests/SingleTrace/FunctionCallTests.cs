using LlmEval.Web.SingleTrace;

namespace LlmEval.Tests.SingleTrace;

public class FunctionCallTests
{
    [Fact]
    public void ACallIsReadWithWhateverElseItHolds()
    {
        FunctionCall call = Assert.Single(ReadAll(
            """[{"name":"lookup","parameters":{"order":1,"include":["a"]},"result":{"ok":true},"duration_ms":212.5,"attempt":2}]""")!);

        Assert.Equal(("lookup", """{"order":1,"include":["a"]}""", """{"ok":true}""", null, 212.5), (call.Name, call.Parameters, call.Result, call.Error, call.DurationMs));
        Assert.Equal("order: 1, include: [\"a\"]", call.Brief);
        Assert.Equal([new("attempt", "2")], call.Others);
        Assert.Null(call.Whole);
    }

    [Fact]
    public void OfVeryManyMembersTheFirstStandAloneAndAllAreInTheWhole()
    {
        string sent = "{" + string.Join(",", Enumerable.Range(0, 10_000).Select(i => $"\"m{i}\":{i}")) + ",\"name\":\"f\"}";

        FunctionCall call = Assert.Single(ReadAll($"[{sent}]")!);

        Assert.Equal(JsonWords.MostMembers, call.Others.Count);
        Assert.Equal(("f", sent), (call.Name, call.Whole));
    }

    [Fact]
    public void OfVeryManyCallsAsManyAreReadAsAreAskedFor()
    {
        (IReadOnlyList<FunctionCall> first, int count) = FunctionCall.Read($"[{string.Join(",", Enumerable.Repeat("{}", 10_000))}]", 30)!.Value;

        Assert.Equal((30, 10_000), (first.Count, count));
    }

    [Theory]
    [InlineData("""[{"name":"f","error":"timeout"}]""", "\"timeout\"")]
    [InlineData("""[{"name":"f","error":null}]""", null)]
    [InlineData("""[{"name":"f","error":false}]""", null)]
    public void AnErrorIsOneWhenItSaysSomething(string json, string? error) => Assert.Equal(error, ReadAll(json)![0].Error);

    [Theory]
    [InlineData("""{"name":"f"}""")]
    [InlineData("[1]")]
    [InlineData("broken")]
    public void WhatIsNoListOfCallsIsLeftAsItIs(string json) => Assert.Null(ReadAll(json));

    [Fact]
    public void ALongArgumentIsCutInTheHeading()
    {
        FunctionCall call = ReadAll("""[{"name":"f","parameters":{"a":"LONG\n"}}]""".Replace("LONG", new string('x', 10_000)))![0];

        Assert.InRange(call.Brief.Length, 100, 130);
        Assert.EndsWith("…", call.Brief);
    }

    private static IReadOnlyList<FunctionCall>? ReadAll(string json) => FunctionCall.Read(json, int.MaxValue)?.First;
}
