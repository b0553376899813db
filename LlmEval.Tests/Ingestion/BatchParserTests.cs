using LlmEval.Core.Ingestion;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Ingestion;

public sealed class BatchParserTests
{
    [Fact]
    public void SourceAndBatchIdAreKeptWithEachTraceWhereverTheyStand()
    {
        ParsedBatch batch = SomeTrace.ParseBatch(
            $$"""{"source":"app","traces":[{{Trace("a")}},{{Trace("b")}}],"batch_id":"b-1","unknown":[1]}""");

        Assert.Empty(batch.Faults);
        Assert.Equal(["a", "b"], batch.Traces.Select(trace => trace.TraceId));
        Assert.All(batch.Traces, trace => Assert.Equal(("app", "b-1"), (trace.Value!.Trace.Source, trace.Value.Trace.BatchId)));
    }

    [Fact]
    public void ABadTraceDoesNotSpoilTheOthers()
    {
        ParsedBatch batch = SomeTrace.ParseBatch(
            $$"""{"source":"app","traces":[{{Trace("a")}},{{SomeTrace.Json(("trace_id", "\"b\""), ("cost", "-1"), ("user_query", null))}},7,{{Trace("d")}}]}""");

        Assert.Empty(batch.Faults);
        Assert.NotNull(batch.Traces[0].Value);
        Assert.Equal("b", batch.Traces[1].TraceId);
        Assert.Equal(["traces[1].cost: must be at least 0", "traces[1].user_query: is required"], batch.Traces[1].Faults);
        Assert.Equal(["traces[2]: must be a JSON object"], batch.Traces[2].Faults);
        Assert.NotNull(batch.Traces[3].Value);
    }

    [Theory]
    [InlineData("""{"traces":[1]}""", "source: is required")]
    [InlineData("""{"traces":[1],"source":null}""", "source: is required")]
    [InlineData("""{"traces":[1],"source":5}""", "source: must be a string")]
    [InlineData("""{"traces":[1],"source":" "}""", "source: must not be empty")]
    [InlineData("""{"traces":[1],"source":"s","batch_id":5}""", "batch_id: must be a string")]
    [InlineData("""{"source":"s"}""", "traces: is required")]
    [InlineData("""{"traces":null,"source":"s"}""", "traces: is required")]
    [InlineData("""{"traces":{},"source":"s"}""", "traces: must be an array of objects")]
    [InlineData("""{"traces":[],"source":"s"}""", "traces: must hold 1 to 100 traces, not 0")]
    [InlineData("[]", "body: must be a JSON object")]
    public void AFaultOfTheBatchIsNamed(string json, string fault) =>
        Assert.Equal([fault], SomeTrace.ParseBatch(json).Faults);

    [Fact]
    public void ABatchHoldsAtMost100Traces()
    {
        Assert.Empty(SomeTrace.ParseBatch(Of(100)).Faults);
        Assert.Equal(["traces: must hold 1 to 100 traces, not 101"], SomeTrace.ParseBatch(Of(101)).Faults);

        static string Of(int count) =>
            $$"""{"source":"s","traces":[{{string.Join(",", Enumerable.Range(0, count).Select(i => Trace($"t{i}")))}}]}""";
    }

    private static string Trace(string id) => SomeTrace.Json(("trace_id", $"\"{id}\""));
}
