using LlmEval.Tests.Support;

namespace LlmEval.Tests.Ingestion;

public sealed class ContentHashTests
{
    [Theory]
    [InlineData("metadata", """{"a":1,"b":[1,2]}""", """ { "b" : [ 1,2 ] , "a" : 1 } """)]
    [InlineData("metadata", """{"a":1}""", """{"a":1.0}""")]
    [InlineData("metadata", """{"a":1}""", """{"a":1e0}""")]
    [InlineData("metadata", """{"a":1}""", """{"a":10E-1}""")]
    [InlineData("metadata", """{"a":1200}""", """{"a":1.2e+3}""")]
    [InlineData("metadata", """{"a":0}""", """{"a":-0.00e7}""")]
    [InlineData("metadata", """{"a":1e999999}""", """{"a":10e999998}""")]
    [InlineData("metadata", """{"a":0.1}""", """{"a":1e-1}""")]
    [InlineData("metadata", """{"a":1e5}""", """{"a":1e00000000000000000000000005}""")]
    [InlineData("metadata", """{"é/":"é/"}""", """{"\u00e9\/":"\u00E9\/"}""")]
    [InlineData("metadata", """{"a":{"x":{},"y":[]}}""", """{"a":{"y":[ ],"x":{ }}}""")]
    [InlineData("functions_called", """[{"name":"f","result":"a"}]""", """[ {"result":"\u0061","name":"f"} ]""")]
    [InlineData("error", """{"a":1,"b":2}""", """{"b":2,"a":1}""")]
    [InlineData("trace_id", "\"t-1\"", "\" t-1 \"")]
    [InlineData("model_name", "\"gpt-4\"", "\"gpt-4\\n\"")]
    [InlineData("timestamp", "\"2025-01-27T12:00:00Z\"", "\"2025-01-27T13:00:00.0+01:00\"")]
    [InlineData("tokens_used", "1000", "1e3")]
    [InlineData("response_time_ms", "850", "850.0")]
    [InlineData("cost", "0.0012", "1.20e-3")]
    [InlineData("tags", "[\"a\"]", "[ \"\\u0061\" ]")]
    [InlineData("extra", "[1,null]", "[1.0, null]")]
    public void TheSameContentHashesTheSameHoweverItIsWritten(string field, string one, string other) =>
        Assert.Equal(Hash((field, one)), Hash((field, other)));

    [Fact]
    public void TheOrderOfFieldsMakesNoDifference() =>
        Assert.Equal(
            Hash(("cost", "1"), ("tokens_used", "2"), ("extra", "3")),
            Hash(("extra", "3"), ("tokens_used", "2"), ("cost", "1")));

    [Theory]
    [InlineData("metadata", """{"a":1}""", """{"a":2}""")]
    [InlineData("metadata", """{"a":1}""", """{"a":-1}""")]
    [InlineData("metadata", """{"a":1}""", """{"a":10}""")]
    [InlineData("metadata", """{"a":1}""", """{"a":"1"}""")]
    [InlineData("metadata", """{"a":1}""", """{"b":1}""")]
    [InlineData("metadata", """{"a":[1,2]}""", """{"a":[2,1]}""")]
    [InlineData("metadata", """{"a":[[1],2]}""", """{"a":[1,[2]]}""")]
    [InlineData("metadata", """{"a":[]}""", """{"a":{}}""")]
    [InlineData("metadata", """{"a":[]}""", """{"a":[[]]}""")]
    [InlineData("metadata", """{"a":null}""", """{}""")]
    [InlineData("metadata", """{"a":null}""", """{"a":false}""")]
    [InlineData("metadata", """{"a":true}""", """{"a":"true"}""")]
    [InlineData("metadata", """{"a":"b","c":"d"}""", """{"a":"d","c":"b"}""")]
    [InlineData("metadata", """{"a":{"b":1},"c":2}""", """{"a":{"c":2},"b":1}""")]
    [InlineData("metadata", """{"a":1e999999}""", """{"a":1e999998}""")]
    [InlineData("metadata", """{"a":1e99999999999999999999}""", """{"a":1e99999999999999999998}""")]
    [InlineData("metadata", """{"a":0.1}""", """{"a":0.10000000000000000000000000000000001}""")]
    [InlineData("metadata", "{}", null)]
    [InlineData("trace_id", "\"a\"", "\"A\"")]
    [InlineData("user_query", "\"a\"", "\"a \"")]
    [InlineData("cost", "0", null)]
    [InlineData("cost", "0.1", "0.2")]
    [InlineData("tags", "[\"a\",\"b\"]", "[\"b\",\"a\"]")]
    [InlineData("tags", "[\"ab\"]", "[\"a\",\"b\"]")]
    [InlineData("timestamp", "\"2025-01-27T12:00:00Z\"", "\"2025-01-27T12:00:00.000001Z\"")]
    [InlineData("timestamp", "\"2026-05-04T12:00:00Z\"", null)]
    [InlineData("extra", "1", "2")]
    [InlineData("extra", "null", null)]
    public void OtherContentHashesDifferently(string field, string one, string? other) =>
        Assert.NotEqual(Hash((field, one)), Hash((field, other)));

    [Fact]
    public void TheSameValueInAnotherFieldIsOtherContent() =>
        Assert.NotEqual(Hash(("prompt_tokens", "1")), Hash(("completion_tokens", "1")));

    [Fact]
    public void DefaultsAreNotContent()
    {
        string json = SomeTrace.Json(("prompt_tokens", "1"), ("completion_tokens", "2"));
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(json);
        var later = SomeTrace.Context() with { ReceivedAt = SomeTrace.Now.AddDays(3) };

        Assert.Equal(SomeTrace.Parse(json).Value!.Trace.ContentHash, Core.Ingestion.TraceParser.ParseTrace(bytes, later).Value!.Trace.ContentHash);
    }

    [Fact]
    public void SourceAndBatchIdAreNotContent()
    {
        string batch = $$"""{"source":"one","batch_id":"b","traces":[{{SomeTrace.Json()}}]}""";

        Assert.Equal(Hash(), Convert.ToHexString(SomeTrace.ParseBatch(batch).Traces[0].Value!.Trace.ContentHash));
    }

    [Fact]
    public void TheHashNeverChanges() =>
        Assert.Equal(
            "73BF0A161B764B37311F9A541DE21BB6",
            Hash(("metadata", """{"a":[1,"x",null,true,{"b":-2.5e3}]}"""), ("cost", "0.0012"), ("timestamp", "\"2025-01-27T12:00:00Z\""), ("tags", "[\"a\"]")));

    private static string Hash(params ReadOnlySpan<(string Name, string? Json)> members) =>
        Convert.ToHexString(SomeTrace.New(members).Trace.ContentHash);
}
