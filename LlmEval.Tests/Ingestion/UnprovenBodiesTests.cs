using LlmEval.Web.Ingestion;
using Microsoft.Extensions.Options;

namespace LlmEval.Tests.Ingestion;

public class UnprovenBodiesTests
{
    private readonly BodyBudget _budget = new(Options.Create(new WebhookOptions { MaxBytesInFlight = 1_000 }));

    [Fact]
    public void OneNetworkTakesAtMostHalfOfTheRoom()
    {
        var unproven = new UnprovenBodies(_budget);
        IBodyRoom one = unproven.Of("one");

        Assert.True(one.TryTake(500));
        Assert.False(unproven.Of("one").TryTake(1));
        Assert.True(unproven.Of("other").TryTake(400));
        Assert.Equal(900, _budget.Taken);
        Assert.False(unproven.Of("third").TryTake(200));

        one.Return(500);
        Assert.True(unproven.Of("one").TryTake(500));
    }
}
