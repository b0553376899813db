using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
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
            Filter = new TraceFilter
            {
                Statuses = [EvaluationStatus.Pending, EvaluationStatus.InReview],
                ModelNames = ["a/b & c"],
                Text = "what is+this",
                HasError = true,
                Metadata = [new("k=&", "v")],
            },
            TraceId = "t #1",
        };

        Assert.Equal(
            "traces?status=pending&status=in_review&model_name=a%2Fb%20%26%20c&q=what%20is%2Bthis&has_error=true&metadata.k%3D%26=v&trace=t%20%231",
            address.ToString());
    }

    [Fact]
    public void AnAddressIsReadBackAsItWasWritten()
    {
        var address = new TracesAddress
        {
            Filter = new TraceFilter
            {
                Statuses = [EvaluationStatus.Rejected],
                ModelNames = ["m", "n & o"],
                SessionId = "s",
                UserId = "u",
                Environment = "prod",
                ParentId = "p",
                Tags = ["a", "b c"],
                From = SomeTrace.Now,
                To = SomeTrace.Now.AddTicks(10),
                Text = "\"a phrase\" -not",
                MinCost = 0.000000000001m,
                MinResponseTimeMs = 0.5,
                HasError = false,
                Metadata = [new("dataset", "x"), new("k.\"q'$", "it's")],
            },
            After = new Cursor(SomeTrace.Now, 42),
            TraceId = "t-1",
            Columns = TraceColumns.Time | TraceColumns.Cost,
            Compact = true,
        };

        TracesAddress read = TracesAddress.Parse("http://localhost/" + address);

        Assert.Equal(address.ToString(), read.ToString());
        Assert.Equivalent(address.Filter, read.Filter);
        Assert.Equal((address.After, address.TraceId, address.Columns, address.Compact), (read.After, read.TraceId, read.Columns, read.Compact));
    }

    [Theory]
    [InlineData("traces?status=nonsense&status=pending&status=pending&model_name=&q=%20%20&has_error=perhaps&after=!!&trace=&from=yesterday", "traces?status=pending")]
    [InlineData("traces?unknown=1#part", "traces")]
    [InlineData("traces?", "traces")]
    [InlineData("traces?columns=none&density=loose", "traces?columns=none")]
    public void WhatIsTypedWrongIsLeftOut(string typed, string meant) => Assert.Equal(meant, TracesAddress.Parse(typed).ToString());

    [Fact]
    public void OpeningDetailsKeepsTheListAndAnotherFilterDoesNot()
    {
        var address = new TracesAddress { Filter = new TraceFilter { Text = "a" } };

        Assert.True(address.ListsTheSameAs(address with { TraceId = "t" }));
        Assert.False(address.ListsTheSameAs(address.With(address.Filter with { Text = "b" })));
    }

    [Fact]
    public void AChosenStatusIsAlsoTakenAway()
    {
        TracesAddress chosen = new TracesAddress().Toggle(EvaluationStatus.Rejected).Toggle(EvaluationStatus.Pending);

        Assert.Equal([EvaluationStatus.Pending, EvaluationStatus.Rejected], chosen.Filter.Statuses);
        Assert.Equal([EvaluationStatus.Pending], chosen.Toggle(EvaluationStatus.Rejected).Filter.Statuses);
    }
}
