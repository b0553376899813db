using LlmEval.Core.Ingestion;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;

namespace LlmEval.Tests.Support;

/// <summary>Traces as the stores take them.</summary>
internal static class SomePrepared
{
    public static PreparedTrace Trace(string id, params ReadOnlySpan<(string Name, string? Json)> members)
    {
        NewTrace made = SomeTrace.New([("trace_id", $"\"{id}\""), .. members]);
        return Of(made.Trace);
    }

    public static PreparedTrace Of(Trace trace) => new(trace, TraceEvents.New(trace, SomeTrace.Now), History: []);

    public static PreparedTrace[] Traces(string prefix, int count) => [.. Enumerable.Range(0, count).Select(i => Trace($"{prefix}-{i}"))];
}
