using LlmEval.Core.Primitives;
using LlmEval.Tests.Support;
using LlmEval.Web.Traces;

namespace LlmEval.Tests.Traces;

public class TracesAddressTests
{
    [Fact]
    public void WhatIsChosenStandsInTheUrlUnderTheNamesOfTheApi()
    {
        var address = new TracesAddress
        {
            Statuses = [EvaluationStatus.Pending, EvaluationStatus.InReview],
            ModelNames = ["a/b & c"],
            Text = "what is+this",
            ErrorsOnly = true,
            TraceId = "t #1",
        };

        Assert.Equal(
            "traces?status=pending&status=in_review&model_name=a%2Fb%20%26%20c&q=what%20is%2Bthis&has_error=true&trace=t%20%231",
            address.ToString());
    }

    [Fact]
    public void AnAddressIsReadBackAsItWasWritten()
    {
        var cursor = new Cursor(SomeTrace.Now, 42);
        TracesAddress address = TracesAddress.Parse(["rejected"], ["m"], "text", "true", cursor.ToString(), "t-1");

        Assert.Equal([EvaluationStatus.Rejected], address.Statuses);
        Assert.Equal(["m"], address.ModelNames);
        Assert.Equal(cursor, address.After);
        Assert.Equal(("text", true, "t-1"), (address.Text, address.ErrorsOnly, address.TraceId));
    }

    [Fact]
    public void WhatIsTypedWrongIsLeftOut()
    {
        TracesAddress address = TracesAddress.Parse(["nonsense", null, "pending", "pending"], [null, ""], "  ", "perhaps", "!!", "");

        Assert.Equal("traces?status=pending", address.ToString());
    }

    [Fact]
    public void OpeningDetailsKeepsTheListAndAnotherFilterDoesNot()
    {
        var address = new TracesAddress { Text = "a" };

        Assert.True(address.ListsTheSameAs(address with { TraceId = "t" }));
        Assert.False(address.ListsTheSameAs(address with { Text = "b" }));
    }

    [Fact]
    public void AChosenStatusIsAlsoTakenAway()
    {
        TracesAddress chosen = new TracesAddress().Toggle(EvaluationStatus.Rejected).Toggle(EvaluationStatus.Pending);

        Assert.Equal([EvaluationStatus.Pending, EvaluationStatus.Rejected], chosen.Statuses);
        Assert.Equal([EvaluationStatus.Pending], chosen.Toggle(EvaluationStatus.Rejected).Statuses);
    }
}
