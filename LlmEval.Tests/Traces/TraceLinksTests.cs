using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Web.Traces;

namespace LlmEval.Tests.Traces;

public sealed class TraceLinksTests
{
    public static TheoryData<TracesAddress> Lists => new(
        new TracesAddress(),
        new TracesAddress { Compact = true },
        new TracesAddress { Columns = TraceColumns.Model | TraceColumns.Cost, Compact = true },
        new TracesAddress { Filter = new TraceFilter { Text = "a & b? ~trace", Statuses = [EvaluationStatus.Pending, EvaluationStatus.Rejected] } },
        new TracesAddress { Filter = new TraceFilter { ModelNames = ["gpt/4"] }, Columns = TraceColumns.Time, TraceId = "open" });

    [Theory]
    [MemberData(nameof(Lists))]
    public void ALinkIsTheAddressOfTheListWithTheTrace(TracesAddress list)
    {
        Assert.Equal((list with { TraceId = "t 1/?&é" }).ToString(), new TraceLinks(list).To("t 1/?&é"));
    }
}
