using LlmEval.Core.Events;
using LlmEval.Core.Traces;
using LlmEval.Tests.Live;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Traces;

public class EventSummariesTests
{
    // The places are the process's: tests of pages, which run beside these, number their events from 1 on.
    private const long Id = 4_000;

    [Fact]
    public void WhoeverAsksGetsTheSameTrace()
    {
        LogEvent stored = Numbered(Id, "asked-twice");

        TraceSummary? first = EventSummaries.Of(stored);

        Assert.Equal("asked-twice", first!.TraceId);
        Assert.Same(first, EventSummaries.Of(stored));
    }

    [Theory]
    [InlineData(Id)]
    [InlineData(Id + 4_096)]
    [InlineData(Id + (4_096 * 1_024))]
    public void AnEventOfAnotherLogOrALaterOneInItsPlaceHasItsOwn(long id)
    {
        LogEvent one = Numbered(Id, "one");
        LogEvent other = Numbered(id, "other");

        Assert.Equal("one", EventSummaries.Of(one)!.TraceId);
        Assert.Equal("other", EventSummaries.Of(other)!.TraceId);
        Assert.Equal("one", EventSummaries.Of(one)!.TraceId);
    }

    [Fact]
    public void AnEventWithoutATraceHasNone() => Assert.Null(EventSummaries.Of(TestLog.Number(3, TraceEvents.Swept(1, 10, SomeTrace.Now))));

    private static LogEvent Numbered(long id, string traceId) => TestLog.Number(id, TraceEvents.New(SomeTraces.One(traceId), SomeTrace.Now));
}
