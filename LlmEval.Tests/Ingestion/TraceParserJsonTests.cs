using LlmEval.Core.Traces;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Ingestion;

public sealed class TraceParserJsonTests
{
    [Theory]
    [InlineData("[1]", "functions_called[0]: must be an object")]
    [InlineData("[{\"name\":\"f\"},null]", "functions_called[1]: must be an object")]
    [InlineData("[{\"name\":\"f\"},{\"name\":\"g\"},{\"result\":1}]", "functions_called[2].name: is required")]
    [InlineData("[{\"name\":null}]", "functions_called[0].name: is required")]
    [InlineData("[{\"name\":\"\"}]", "functions_called[0].name: must not be empty")]
    [InlineData("[{\"name\":5}]", "functions_called[0].name: must be a string")]
    public void AFunctionCalledHasAName(string json, string fault) =>
        Assert.Equal([fault], SomeTrace.Parse(("functions_called", json)).Faults);

    [Fact]
    public void FunctionsKeepWhateverElseWasSent()
    {
        const string json = """[{"name":"f", "parameters":[1, {"deep":null}], "result":1e999999, "duration_ms":3, "name2":true}]""";

        Assert.Equal(json, SomeTrace.New(("functions_called", json)).Trace.FunctionsCalled);
    }

    [Theory]
    [InlineData("error", "\"it broke\"", true)]
    [InlineData("error", "{\"code\":500}", true)]
    [InlineData("functions_called", "[{\"name\":\"f\"},{\"name\":\"g\",\"error\":\"timeout\"}]", true)]
    [InlineData("functions_called", "[{\"name\":\"f\",\"error\":{}}]", true)]
    [InlineData("functions_called", "[{\"name\":\"f\",\"error\":null}]", false)]
    [InlineData("metadata", "{\"error\":\"x\"}", false)]
    public void ATraceHasAnErrorWhenItOrAFunctionHasOne(string field, string json, bool expected) =>
        Assert.Equal(expected, SomeTrace.New((field, json)).Trace.HasError);

    [Fact]
    public void AnErrorIsKeptAsJson()
    {
        Assert.Equal("\"it broke\"", SomeTrace.New(("error", "\"it broke\"")).Trace.Error);
        Assert.Equal("{ \"code\": 5 }", SomeTrace.New(("error", "{ \"code\": 5 }")).Trace.Error);
    }

    [Theory]
    [InlineData("metadata")]
    [InlineData("error")]
    public void KeptJsonMayBe64LevelsDeep(string field)
    {
        Assert.Empty(SomeTrace.Parse((field, Nested(64))).Faults);
        Assert.Equal([$"{field}: is nested deeper than 64 levels"], SomeTrace.Parse((field, Nested(65))).Faults);

        static string Nested(int levels) => "{\"a\":" + new string('[', levels - 1) + new string(']', levels - 1) + "}";
    }

    [Fact]
    public void FunctionsAndUnknownMembersMayBeAsDeepAsMetadata()
    {
        Assert.Empty(SomeTrace.Parse(("functions_called", Call(62))).Faults);
        Assert.Equal(["functions_called: is nested deeper than 64 levels"], SomeTrace.Parse(("functions_called", Call(63))).Faults);
        Assert.Empty(SomeTrace.Parse(("extra", Arrays(63))).Faults);
        Assert.Equal(["extra: is nested deeper than 63 levels"], SomeTrace.Parse(("extra", Arrays(64))).Faults);

        static string Arrays(int levels) => new string('[', levels) + new string(']', levels);
        static string Call(int levels) => "[{\"name\":\"f\",\"result\":" + Arrays(levels) + "}]";
    }

    [Fact]
    public void AnyJsonValueIsKeptInMetadataAsItWasSent()
    {
        const string json = """{ "big": 1e999999, "exact":0.10, "space" :[ 1 , 2 ], "esc":"\u00e9\/", "n": null}""";

        Assert.Equal(json, SomeTrace.New(("metadata", json)).Trace.Metadata);
    }

    [Fact]
    public void FieldsAreTakenFromMetadataWhenTheTraceHasNone()
    {
        const string metadata = """{"session_id":"s","user_id":"u","environment":"e","parent_id":"p","tags":["a","b"]}""";

        Trace fromMetadata = SomeTrace.New(("metadata", metadata)).Trace;
        Trace own = SomeTrace.New(
            ("metadata", metadata), ("session_id", "\"S\""), ("user_id", "\"U\""), ("environment", "\"E\""), ("parent_id", "\"P\""), ("tags", "[]")).Trace;

        Assert.Equal(("s", "u", "e", "p"), (fromMetadata.SessionId, fromMetadata.UserId, fromMetadata.Environment, fromMetadata.ParentId));
        Assert.Equal(["a", "b"], fromMetadata.Tags!);
        Assert.Equal(metadata, fromMetadata.Metadata);
        Assert.Equal(("S", "U", "E", "P"), (own.SessionId, own.UserId, own.Environment, own.ParentId));
        Assert.Empty(own.Tags!);
    }

    [Theory]
    [InlineData("{\"session_id\":7,\"user_id\":{},\"environment\":null,\"parent_id\":[\"x\"],\"tags\":\"a\"}")]
    [InlineData("{\"tags\":[\"a\",1]}")]
    [InlineData("{\"tags\":[[\"a\"]]}")]
    public void WhatDoesNotFitInMetadataIsOnlyMetadata(string metadata)
    {
        Trace trace = SomeTrace.New(("metadata", metadata)).Trace;

        Assert.Null(trace.SessionId);
        Assert.Null(trace.UserId);
        Assert.Null(trace.Environment);
        Assert.Null(trace.ParentId);
        Assert.Null(trace.Tags);
        Assert.Equal(metadata, trace.Metadata);
    }

    [Fact]
    public void WhatIsTooLongInMetadataIsOnlyMetadata()
    {
        string tooLong = new('x', 257);
        string tooMany = string.Join(",", Enumerable.Repeat("\"t\"", 65));

        Assert.Null(SomeTrace.New(("metadata", $"{{\"user_id\":\"{tooLong}\"}}")).Trace.UserId);
        Assert.Null(SomeTrace.New(("metadata", $"{{\"tags\":[\"{tooLong}\"]}}")).Trace.Tags);
        Assert.Null(SomeTrace.New(("metadata", $"{{\"tags\":[{tooMany}]}}")).Trace.Tags);
    }

    [Theory]
    [InlineData("null", "{\"start_time\":17.5}")]
    [InlineData("{}", "{\"start_time\":17.5}")]
    [InlineData("{ }", "{ \"start_time\":17.5}")]
    [InlineData("{\"a\":1}", "{\"a\":1,\"start_time\":17.5}")]
    [InlineData("{\"start_time\":1}", "{\"start_time\":1,\"start_time_2\":17.5}")]
    [InlineData("{\"start\\u005ftime\":1,\"start_time_2\":2}", "{\"start\\u005ftime\":1,\"start_time_2\":2,\"start_time_3\":17.5}")]
    public void AnUnknownMemberJoinsTheMetadata(string metadata, string joined)
    {
        Assert.Equal(joined, SomeTrace.New(("start_time", "17.5"), ("metadata", metadata)).Trace.Metadata);
        Assert.Equal(joined, SomeTrace.New(("metadata", metadata), ("start_time", "17.5")).Trace.Metadata);
    }

    [Fact]
    public void UnknownMembersNeverTakeEachOthersNames() =>
        Assert.Equal(
            """{"a":0,"a_2":1,"a_2_2":2}""",
            SomeTrace.New(("metadata", """{"a":0}"""), ("a", "1"), ("a_2", "2")).Trace.Metadata);

    [Fact]
    public void AnUnknownMemberKeepsItsEscapes() =>
        Assert.Equal("""{"a\"\u0062":null}""", SomeTrace.New(("a\\\"\\u0062", "null")).Trace.Metadata);

    [Fact]
    public void PropertyNamesAreMatchedExactly() =>
        Assert.Equal("""{"Cost":1}""", SomeTrace.New(("Cost", "1")).Trace.Metadata);

    [Theory]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("7")]
    [InlineData("null")]
    public void JsonThatIsNoObjectIsAFault(string json) =>
        Assert.Equal(["body: must be a JSON object"], SomeTrace.Parse(json).Faults);
}
