using LlmEval.Core.Traces;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Ingestion;

public sealed class TextHygieneTests
{
    [Theory]
    [InlineData("cut \\ud83d", "cut \ufffd")]
    [InlineData("\\ud83d\\ud83d\\ude00", "\ufffd😀")]
    [InlineData("\\ude00\\ud83d", "\ufffd\ufffd")]
    [InlineData("\\ud83dx\\ude00", "\ufffdx\ufffd")]
    [InlineData("\\uD83D\\n", "\ufffd\n")]
    [InlineData("\\ud83d\\u0041", "\ufffdA")]
    [InlineData("\\ud83d\\u0000", "\ufffd\ufffd")]
    public void ALoneSurrogateIsKeptAsTheReplacementCharacter(string escaped, string text)
    {
        Trace trace = SomeTrace.New(("ai_response", $"\"{escaped}\""), ("user_query", $"\"{escaped}\""), ("system_prompt", $"\"{escaped}\"")).Trace;

        Assert.Equal(text, trace.AiResponse);
        Assert.Equal(text, trace.UserQuery);
        Assert.Equal(text, trace.SystemPrompt);
    }

    [Fact]
    public void TheZeroCharacterIsKeptAsTheReplacementCharacter() =>
        Assert.Equal("a\ufffdb", SomeTrace.New(("ai_response", "\"a\\u0000b\"")).Trace.AiResponse);

    [Theory]
    [InlineData("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t")]
    [InlineData("\\u00e9\\u20ac\\ud83d\\ude00\\u0041", "é€😀A")]
    [InlineData("\\\\u0000 \\\\ud83d", "\\u0000 \\ud83d")]
    public void OtherEscapesMeanWhatTheySay(string escaped, string text) =>
        Assert.Equal(text, SomeTrace.New(("ai_response", $"\"{escaped}\"")).Trace.AiResponse);

    [Theory]
    [InlineData("""{"a":"\u0000"}""", """{"a":"\ufffd"}""")]
    [InlineData("""{"\ud83d":["x\uDC00y","\ud83d\ude00"]}""", """{"\ufffd":["x\ufffdy","\ud83d\ude00"]}""")]
    [InlineData("""{"a":"\\u0000","b":"\\\u0000"}""", """{"a":"\\u0000","b":"\\\ufffd"}""")]
    [InlineData("""{"a\u0000":1,"a\ud83d":{"a\u0000":2,"a":3},"b":[{"\ufffd":4,"\ud800":5}]}""", """{"a\ufffd":1,"a\ufffd_2":{"a\ufffd":2,"a":3},"b":[{"\ufffd":4,"\ufffd_2":5}]}""")]
    public void KeptJsonHoldsNoEscapeThatADatabaseRefuses(string sent, string kept)
    {
        Assert.Equal(kept, SomeTrace.New(("metadata", sent)).Trace.Metadata);
        Assert.Equal(kept, SomeTrace.New(("error", sent)).Trace.Error);
        Assert.Equal($"[{{\"name\":\"f\",\"result\":{kept}}}]", SomeTrace.New(("functions_called", $"[{{\"name\":\"f\",\"result\":{sent}}}]")).Trace.FunctionsCalled);
        Assert.Equal($"{{\"extra\":{kept}}}", SomeTrace.New(("extra", sent)).Trace.Metadata);
    }

    [Fact]
    public void UnknownNamesAreCleanedToo() =>
        Assert.Equal("""{"\ufffd":1,"\ufffd_2":2}""", SomeTrace.New(("\\ud800", "1"), ("\\ud801", "2")).Trace.Metadata);

    [Fact]
    public void UnknownNamesBesideCleanedOnesFindAFreeOne() =>
        Assert.Equal("""{"\ufffd":1,"\ufffd_2":2,"\ufffd_3":3}""", SomeTrace.New(("metadata", """{"\u0000":1,"\ud800":2}"""), ("\\ud801", "3")).Trace.Metadata);

    [Fact]
    public void FieldsFoundInMetadataAreCleanedToo()
    {
        Trace trace = SomeTrace.New(("metadata", """{"user_id":"u\u0000","tags":["\ud800"]}""")).Trace;

        Assert.Equal("u\ufffd", trace.UserId);
        Assert.Equal(["\ufffd"], trace.Tags!);
    }
}
