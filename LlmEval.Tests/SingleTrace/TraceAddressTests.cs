using LlmEval.Core.Traces;
using LlmEval.Web.SingleTrace;
using LlmEval.Web.Traces;

namespace LlmEval.Tests.SingleTrace;

public class TraceAddressTests
{
    [Theory]
    [InlineData("t-1", "traces/t-1")]
    [InlineData("a:b@c.d~e_f", "traces/a:b@c.d~e_f")]
    [InlineData("..", "trace?trace_id=..")]
    [InlineData("a/b", "trace?trace_id=a%2Fb")]
    [InlineData("a b?c#d%2F", "trace?trace_id=a%20b%3Fc%23d%252F")]
    [InlineData("<script>", "trace?trace_id=%3Cscript%3E")]
    public void AnIdThatNoPathCanHoldStandsInTheQuery(string id, string url)
    {
        Assert.Equal(url, new TraceAddress(id).ToString());
        Assert.Equal(id, TraceAddress.Parse("http://localhost/" + url, url.StartsWith("traces/") ? id : null).TraceId);
    }

    [Theory]
    [InlineData("t-1")]
    [InlineData("a/b")]
    public void TheListAndTheViewStandInIt(string id)
    {
        var address = new TraceAddress(id)
        {
            View = TraceView.Json,
            List = new TracesAddress { Filter = new TraceFilter { Text = "words", Tags = ["a"] }, TraceId = "not this" },
        };

        TraceAddress read = TraceAddress.Parse("http://localhost/" + address, id == "t-1" ? id : null);

        Assert.Equal((id, TraceView.Json, "traces?tag=a&q=words"), (read.TraceId, read.View, read.List.ToString()));
        Assert.Equal(address.ToString(), read.ToString());
        Assert.DoesNotContain("words", address.Alone.ToString(), StringComparison.Ordinal);
    }
}
